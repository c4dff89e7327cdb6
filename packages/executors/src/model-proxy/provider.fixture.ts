import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { ModelGrant, ModelWireFormat } from "@millrace/kernel";
import { createModelProxyHandler } from "./model-proxy.js";
import type { ModelCall, ModelProxyOptions } from "./options.js";

/** An answer of the stand-in: its parts are written one by one, each when the one before was taken. */
export interface ProviderReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly parts?: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
  /** `cut`: the connection breaks after the parts. `hang`: it stays open without a byte. Default: `done`. */
  readonly end?: "done" | "cut" | "hang";
}

export interface SeenRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Provider extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Resolves when so many requests were seen. */
  seen(count: number): Promise<void>;
}

/** A provider on loopback that answers as it is told. */
export async function startProvider(
  reply: (request: SeenRequest, index: number) => ProviderReply | Promise<ProviderReply>,
): Promise<Provider> {
  const requests: SeenRequest[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const request = { url: incoming.url ?? "", headers: incoming.headers, body: await text(incoming) };
    requests.push(request);
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
    const { status = 200, headers = EVENT_STREAM, parts = [], end = "done" } = await reply(request, requests.length - 1);
    outgoing.writeHead(status, headers);
    outgoing.flushHeaders();
    for await (const part of parts) {
      if (outgoing.destroyed) break;
      if (!outgoing.write(part)) await drained(outgoing);
    }
    if (end === "done") outgoing.end();
    if (end === "cut") outgoing.socket?.destroySoon();
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

/** Resolves when a response takes more, or is over. */
async function drained(outgoing: ServerResponse): Promise<void> {
  const done = new AbortController();
  const events = ["drain", "close"].map((name) => once(outgoing, name, { signal: done.signal }).catch(() => undefined));
  await Promise.race(events);
  done.abort();
}

export const EVENT_STREAM = { "content-type": "text/event-stream; charset=utf-8" };
export const JSON_TYPE = { "content-type": "application/json" };
export const PROVIDER_KEY = "sk-ant-api03-canary-of-the-host-0123456789abcdef";

const event = (data: object, name?: string): string => `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
const typed = (data: { readonly type: string } & Readonly<Record<string, unknown>>): string => event(data, data.type);

/** A call in each format: an address, a request, and answers that say `text` and cost 100 in (20 of them cached), 30 out. */
export interface Sample {
  readonly format: ModelWireFormat;
  readonly model: string;
  readonly path: string;
  request(fields?: object): object;
  stream(text: string): readonly string[];
  answer(text: string): object;
}

export const TOKENS = { inputTokens: 80, outputTokens: 30, cacheReadTokens: 20, cacheWriteTokens: 0 };

const chatUsage = { prompt_tokens: 100, completion_tokens: 30, total_tokens: 130, prompt_tokens_details: { cached_tokens: 20 } };
const responsesUsage = {
  input_tokens: 100,
  output_tokens: 30,
  total_tokens: 130,
  input_tokens_details: { cached_tokens: 20 },
  output_tokens_details: { reasoning_tokens: 0 },
};
const chunk = (delta: object, finish: string | null = null): object => ({
  id: "c1",
  object: "chat.completion.chunk",
  created: 1,
  model: "pinned",
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const responseOf = (text: string): Readonly<Record<string, unknown>> => ({
  id: "resp_1",
  object: "response",
  created_at: 1,
  status: "completed",
  model: "pinned",
  output: [
    { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "output_text", text, annotations: [] }] },
  ],
  usage: responsesUsage,
});

export const samples: readonly Sample[] = [
  {
    format: "anthropic-messages",
    model: "anthropic:claude-sonnet-4-5",
    path: "/v1/messages",
    request: (fields) => ({ model: "any", max_tokens: 100, messages: [{ role: "user", content: "Hello" }], ...fields }),
    stream: (text) => [
      typed({
        type: "message_start",
        message: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "pinned",
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 80, cache_read_input_tokens: 20, cache_creation_input_tokens: 0, output_tokens: 1 },
        },
      }),
      typed({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
      typed({ type: "ping" }),
      ...Array.from(text, (char) => typed({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: char } })),
      typed({ type: "content_block_stop", index: 0 }),
      typed({ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 30 } }),
      typed({ type: "message_stop" }),
    ],
    answer: (text) => ({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "pinned",
      content: [{ type: "text", text }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 80, cache_read_input_tokens: 20, cache_creation_input_tokens: 0, output_tokens: 30 },
    }),
  },
  {
    format: "openai-chat",
    model: "openai:gpt-5",
    path: "/v1/chat/completions",
    request: (fields) => ({ model: "any", max_completion_tokens: 100, messages: [{ role: "user", content: "Hello" }], ...fields }),
    stream: (text) => [
      ...Array.from(text, (char) => event(chunk({ role: "assistant", content: char }))),
      event(chunk({}, "stop")),
      event({ ...chunk({}), choices: [], usage: chatUsage }),
      "data: [DONE]\n\n",
    ],
    answer: (text) => ({
      id: "c1",
      object: "chat.completion",
      created: 1,
      model: "pinned",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text } }],
      usage: chatUsage,
    }),
  },
  {
    format: "openai-responses",
    model: "openai:gpt-5",
    path: "/v1/responses",
    request: (fields) => ({ model: "any", max_output_tokens: 100, input: "Hello", ...fields }),
    stream: (text) => [
      typed({ type: "response.created", response: { ...responseOf(""), status: "in_progress", output: [], usage: null } }),
      typed({
        type: "response.output_item.added",
        output_index: 0,
        item: { type: "message", id: "msg_1", role: "assistant", status: "in_progress", content: [] },
      }),
      ...Array.from(text, (char) =>
        typed({ type: "response.output_text.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta: char }),
      ),
      typed({
        type: "response.output_item.done",
        output_index: 0,
        item: { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [] },
      }),
      typed({ type: "response.completed", response: responseOf(text) }),
    ],
    answer: responseOf,
  },
];

export const [anthropicSample, chatSample, responsesSample] = samples as [Sample, Sample, Sample];

export interface TestProxy extends AsyncDisposable {
  /** Posts a request of the sample, with the token of the door unless headers say otherwise. */
  post(
    request: object | string,
    more?: { readonly headers?: Readonly<Record<string, string>>; readonly path?: string; readonly signal?: AbortSignal },
  ): Promise<Response>;
  readonly handle: (request: Request) => Promise<Response>;
  readonly token: string;
  readonly calls: readonly ModelCall[];
  spend(): ReturnType<Awaited<ReturnType<ReturnType<typeof createModelProxyHandler>["admit"]>>["access"]["record"]>;
  close(): Promise<unknown>;
}

export interface TestProxyOptions extends Partial<ModelProxyOptions> {
  readonly grant?: Partial<ModelGrant>;
}

/** An access for the sample's model at this provider; one unit of the currency is reserved. */
export async function proxyTo(url: string, sample: Sample, { grant, ...options }: TestProxyOptions = {}): Promise<TestProxy> {
  const calls: ModelCall[] = [];
  const handler = createModelProxyHandler({
    providers: ["anthropic", "openai"].map((name) => ({
      name,
      formats: name === "anthropic" ? ["anthropic-messages"] : ["openai-chat", "openai-responses"],
      baseUrl: url,
      key: async () => PROVIDER_KEY,
    })),
    clock: { now: () => 1_000_000 },
    onCall: (call) => void calls.push(call),
    ...options,
  });
  const { token, access } = await handler.admit({ ...grantOf(sample), ...grant });
  return {
    token: token ?? "",
    handle: access.handle,
    calls,
    spend: () => access.record(),
    close: () => access.close(),
    post: (request, { headers = {}, path = sample.path, signal } = {}) =>
      access.handle(
        new Request(`http://proxy.invalid${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
          body: typeof request === "string" ? request : JSON.stringify(request),
          ...(signal === undefined ? {} : { signal }),
        }),
      ),
    async [Symbol.asyncDispose]() {
      await access.close();
    },
  };
}

export function grantOf({ model }: Sample): ModelGrant {
  return {
    workspaceId: "wsp_1",
    runId: "run_1",
    step: 2,
    key: "run_1/2/0/job.1",
    model,
    reservationMicros: 1_000_000,
    expiresAt: 2_000_000,
  };
}
