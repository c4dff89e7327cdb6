import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { AgentLaunch } from "@millrace/executors";
import type { ModelProxy } from "@millrace/kernel";
import { createModelProxy, hostDoors } from "@millrace/runtime-host";

const PROGRAM = fileURLToPath(new URL("calls-model.fixture.ts", import.meta.url));
export const PROVIDER_KEY = "sk-proj-canary-of-the-host-0123456789abcdef";
export const MODEL = "openai:gpt-5-mini";

export const realClock = { now: () => Date.now() };

/** A launch of `calls-model.fixture.ts` in one of its modes. */
export function caller(mode: string): AgentLaunch {
  return {
    via: "command",
    prompt: "stdin",
    name: "caller",
    argv: [process.execPath, "--disable-warning=ExperimentalWarning", PROGRAM, mode],
    home: "user",
    model: { format: "openai-chat", model: MODEL, env: { MODEL_URL: "{url}", MODEL_TOKEN: "{token}", MODEL_NAME: "{model}" } },
    installHint: "it is a file of this package",
  };
}

/** Doors to a provider on loopback, in the folder that a host in `root` would take. */
export function doorsTo(url: string, root: string): ModelProxy {
  const provider = { name: "openai", formats: ["openai-chat"], baseUrl: url, key: async () => PROVIDER_KEY } as const;
  return createModelProxy({ ...hostDoors(root), providers: [provider], clock: realClock });
}

/** Tokens that each answer of the provider says it took: of the input, and of the output. */
export const USED = { input: 120, output: 100 };

/** A provider on loopback. */
export interface ModelProvider extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly string[];
  /** Resolves when so many requests were seen. */
  seen(count: number): Promise<void>;
}

/** `hangs`: whether the request of this number is never answered. */
export async function startProvider(hangs: (index: number) => boolean = () => false): Promise<ModelProvider> {
  const requests: string[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    requests.push(`${incoming.headers.authorization ?? ""} ${await text(incoming)}`);
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
    if (hangs(requests.length - 1)) return;
    outgoing.writeHead(200, { "content-type": "application/json" });
    outgoing.end(
      JSON.stringify({
        id: "c",
        choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "ok" } }],
        usage: { prompt_tokens: USED.input, completion_tokens: USED.output },
      }),
    );
  };
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing).catch(() => outgoing.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    seen: (count) =>
      new Promise((resolve) => {
        waiting.push({ count, resolve });
        if (requests.length >= count) resolve();
      }),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
