/**
 * HTTP server of the fleet's environment, with traps at the two moments that matter for a kill: before a call is performed, and after
 * it, before the response is sent. A trap waits for such a moment of one worker; the trapped call gets no response.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import { callSchema, WORKER_HEADER, type CallName, type EnvironmentCall } from "./protocol.schema.js";
import type { Random } from "./random.logic.js";
import type { Environment } from "./environment.js";

export interface Trap {
  readonly worker: string;
  readonly when: "before" | "after";
  readonly calls: readonly CallName[];
  /** Called once, when the trap is triggered. */
  spring(): void;
}

export interface EnvironmentServer extends AsyncDisposable {
  readonly url: string;
  /** Sets a trap. Call the returned function to remove it. */
  setTrap(trap: Trap): () => void;
}

/** Calls with effects, whose response may be lost once. */
export const WRITES: readonly CallName[] = ["run", "startJob", "stopJob", "openPullRequest", "updateBranch", "merge"];

/** Starts the server on a free port of 127.0.0.1. `lostReplies`: share of responses to writes that are lost without a kill, 0 to 1. */
export async function serveEnvironment(
  environment: Environment,
  { random, lostReplies }: { readonly random: Random; readonly lostReplies: number },
): Promise<EnvironmentServer> {
  const traps = new Set<Trap>();
  const lost = new Set<string>();

  function sprung(worker: string, when: Trap["when"], call: EnvironmentCall): boolean {
    const trap = [...traps].find((one) => one.worker === worker && one.when === when && one.calls.includes(call.call));
    if (trap === undefined) return false;
    traps.delete(trap);
    trap.spring();
    return true;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const call = callSchema.parse(JSON.parse(body));
    const worker = String(request.headers[WORKER_HEADER]);
    if (sprung(worker, "before", call)) return void request.socket.destroy();
    const answer = await answerOf(environment, call);
    if (sprung(worker, "after", call)) return void request.socket.destroy();
    if (WRITES.includes(call.call) && random() < lostReplies && !lost.has(body)) {
      lost.add(body);
      environment.replyLost();
      return void request.socket.destroy();
    }
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(JSON.stringify(new MillraceError("internal", error instanceof Error ? error.message : "unknown").toEnvelope()));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new MillraceError("internal", "the environment has no port");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    setTrap(trap) {
      traps.add(trap);
      return () => void traps.delete(trap);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answerOf(environment: Environment, call: EnvironmentCall): Promise<unknown> {
  try {
    return { value: (await environment.perform(call)) ?? null };
  } catch (error) {
    if (isMillraceError(error)) return error.toEnvelope();
    throw error;
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
