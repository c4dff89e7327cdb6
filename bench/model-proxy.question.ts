import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage, type RequestOptions } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { forwarderArgv } from "@millrace/executors";
import { createModelProxy } from "@millrace/runtime-host";
import { alternate, median, number, ratio, temporaryFolder, type Question } from "./measure.ts";

/** Events of one streamed answer, as a model writes a few hundred tokens. */
const EVENTS = 300;
const MODEL = "anthropic:claude-sonnet-4-5";

type Name = "direct" | "proxy" | "forwarder and proxy";
const VARIANTS: readonly Name[] = ["direct", "proxy", "forwarder and proxy"];

/** What the model proxy adds to a streamed answer: time, time to the first byte, and bytes on the client's connection. */
export const modelProxy: Question = async ({ folder: parent, steps, rounds }) => {
  await using resources = new AsyncDisposableStack();
  const responses = Math.max(10, Math.round(steps / 10));
  const folder = await temporaryFolder(resources, parent);
  const provider = await startProvider(resources);
  const door = resources.use(
    await createModelProxy({
      folder: join(folder, "d"),
      providers: [
        { name: "anthropic", formats: ["anthropic-messages"], baseUrl: `http://127.0.0.1:${provider}/v1`, key: async () => "key" },
      ],
      clock: { now: () => Date.now() },
      limits: { callsPerMinute: Number.MAX_SAFE_INTEGER },
    }).open({
      workspaceId: "w",
      runId: "r",
      step: 0,
      key: "k",
      model: MODEL,
      reservationMicros: Number.MAX_SAFE_INTEGER,
      expiresAt: Number.MAX_SAFE_INTEGER,
    }),
  );
  const forwarder = await startForwarder(resources, door.socket);
  const targets: Readonly<Record<Name, RequestOptions>> = {
    direct: { host: "127.0.0.1", port: provider },
    proxy: { socketPath: door.socket },
    "forwarder and proxy": { host: "127.0.0.1", port: forwarder },
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  resources.defer(() => agent.destroy());
  const ask = (name: Name): Promise<Sample> => askOnce({ ...targets[name], agent, headers: { authorization: `Bearer ${door.token}` } });
  for (const name of VARIANTS) await ask(name);

  const samples = new Map<Name, Sample[]>(VARIANTS.map((name) => [name, []]));
  // One response of each variant at a time: what is compared is milliseconds apart.
  await alternate(responses * rounds, VARIANTS, async (name) => void samples.get(name)?.push(await ask(name)));
  const of = (name: Name, value: (sample: Sample) => number): number => median((samples.get(name) ?? []).map(value));
  const row = (name: Name): readonly string[] => [
    name,
    number(
      of(name, (sample) => sample.ms),
      2,
    ),
    number(
      of(name, (sample) => sample.firstMs),
      2,
    ),
    number(of(name, (sample) => sample.bytes)),
    number(of(name, (sample) => sample.bytes) - of("direct", (sample) => sample.bytes)),
    ratio(
      of(name, (sample) => sample.ms),
      of("direct", (sample) => sample.ms),
    ),
  ];
  return {
    title: "What the model proxy adds to a streamed answer",
    conditions: `Medians of ${responses * rounds} answers of ${EVENTS} events, as fast as the provider writes them, the variants in turns. Ratio: time to that without the proxy.`,
    head: ["way", "ms/answer", "ms to the first byte", "bytes", "bytes added", "ratio"],
    rows: VARIANTS.map(row),
  };
};

interface Sample {
  readonly ms: number;
  readonly firstMs: number;
  readonly bytes: number;
}

const BODY = JSON.stringify({ model: "m", max_tokens: 1000, stream: true, messages: [{ role: "user", content: "x".repeat(20_000) }] });

async function askOnce(target: RequestOptions): Promise<Sample> {
  const started = performance.now();
  const sent = request({ ...target, method: "POST", path: "/v1/messages" });
  const socketOf = once(sent, "socket");
  sent.end(BODY);
  const [socket] = (await socketOf) as [Socket];
  const before = socket.bytesRead;
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
  let firstMs = Number.NaN;
  let text = "";
  for await (const chunk of answer) {
    if (Number.isNaN(firstMs)) firstMs = performance.now() - started;
    text += String(chunk);
  }
  if (!text.endsWith(STOP)) throw new Error("the answer was cut");
  return { ms: performance.now() - started, firstMs, bytes: socket.bytesRead - before };
}

const event = (data: { readonly type: string } & Readonly<Record<string, unknown>>): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const START = event({ type: "message_start", message: { usage: { input_tokens: 100, output_tokens: 1 } } });
const DELTA = event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: " some words of text" } });
const STOP = event({ type: "message_delta", delta: {}, usage: { output_tokens: EVENTS } }) + event({ type: "message_stop" });

/** Port of a provider that writes each event by itself. */
async function startProvider(resources: AsyncDisposableStack): Promise<number> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    incoming.on("end", () => {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.write(START);
      let left = EVENTS;
      const next = (): void => {
        if (left === 0) return void outgoing.end(STOP);
        left -= 1;
        outgoing.write(DELTA);
        setImmediate(next);
      };
      next();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  resources.defer(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

/** Port of a forwarder in a process of its own, as in a sandbox. It ends when its program's input does. */
async function startForwarder(resources: AsyncDisposableStack, socket: string): Promise<number> {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, "close");
  const [program, ...args] = forwarderArgv({ socket, port }, [process.execPath, "-e", "process.stdin.resume(); console.log('ready')"]);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  resources.defer(async () => {
    const ended = once(child, "exit");
    child.stdin.end();
    await ended;
  });
  return port;
}
