import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import { isAgentCallError, type AgentTask } from "@millrace/kernel";
import { describe, expect, test } from "vitest";
import { createModel } from "./create-model.js";
import { createInlineExecutor } from "./inline-executor.js";

interface Answer {
  readonly status?: number;
  readonly text?: string;
  readonly finish?: "stop" | "length" | "content_filter";
  /** Part of the prompt's 100 tokens that was read from a cache. */
  readonly cached?: number;
  /** The connection is closed without an answer. */
  readonly breaks?: boolean;
  /** The request is taken and never answered. */
  readonly hang?: boolean;
}

interface ModelServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: {
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly response_format?: unknown;
    readonly model: string;
  }[];
  readonly asked: Promise<void>;
}

/** An OpenAI-compatible server on loopback that gives these answers one after the other, the last one for ever. */
async function modelServer(...answers: readonly Answer[]): Promise<ModelServer> {
  const requests: ModelServer["requests"] = [];
  const first = Promise.withResolvers<void>();
  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push((await json(request)) as ModelServer["requests"][number]);
    first.resolve();
    const answer = answers[Math.min(requests.length, answers.length) - 1] ?? {};
    if (answer.hang === true) return;
    if (answer.breaks === true) return void request.socket.destroy();
    response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
    const choices = [{ index: 0, finish_reason: answer.finish ?? "stop", message: { role: "assistant", content: answer.text ?? "" } }];
    const cached = answer.cached === undefined ? {} : { prompt_tokens_details: { cached_tokens: answer.cached } };
    const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120, ...cached };
    response.end(
      JSON.stringify(
        (answer.status ?? 200) === 200
          ? { id: "1", object: "chat.completion", created: 1, model: "m", choices, usage }
          : { error: { message: "no, sk-key" } },
      ),
    );
  };
  const server: Server = createServer((request, response) => void answerTo(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    asked: first.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const task: AgentTask = {
  key: "run_1/0/0/ask.1",
  workspaceId: "wsp_1",
  runId: "run_1",
  step: 0,
  kind: "reviewer",
  pipelineName: "Build",
  block: { id: "blk_1", title: "Title", description: "", level: "task" },
  repository: null,
  pullRequest: null,
  priorOutputs: [],
  briefs: [],
  attachments: [],
  model: null,
  reservationMicros: 1_000_000,
  testing: null,
  decisions: [],
  revision: null,
  systemPrompt: "You review.",
  userPrompt: "Review this.",
  answerSchema: null,
  contract: { delivers: "nothing", commits: "agent", pullRequest: "none" },
};
const structured: AgentTask = {
  ...task,
  answerSchema: { type: "object", properties: { rating: { type: "number" } }, required: ["rating"], additionalProperties: false },
};
const never = new AbortController().signal;

function executorOn(url: string, diff: string | null = null) {
  const named = (model: string) => ({
    ...createModel({ provider: "openai-compatible", model, apiKey: "sk-key", baseUrl: url }),
    price: { inputMicros: 1_000_000, outputMicros: 5_000_000, cacheReadMicros: 100_000, cacheWriteMicros: 1_250_000 },
  });
  return createInlineExecutor({
    modelFor: (kind, pinned) => (kind === "unset" || pinned === "elsewhere" ? null : named(pinned ?? "m")),
    diffOf: async () => diff,
  });
}

describe("inline executor", () => {
  test("asks with role and task, and says what it cost", async () => {
    await using server = await modelServer({ text: "Looks good." });
    const answer = await executorOn(server.url).run(task, never);
    expect(answer).toEqual({
      text: "Looks good.",
      product: null,
      question: null,
      model: "openai-compatible:m",
      usage: {
        model: "openai-compatible:m",
        tokens: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 0, cacheWriteTokens: 0 },
        costMicros: 200,
        call: expect.any(String),
      },
      confidence: null,
    });
    expect(server.requests[0]?.messages).toEqual([
      { role: "system", content: "You review." },
      { role: "user", content: "Review this." },
    ]);
  });

  test("shows the change, marked as data", async () => {
    await using server = await modelServer({ text: "Fine." });
    await executorOn(server.url, "+ a line").run(task, never);
    expect(server.requests[0]?.messages[1]?.content).toMatch(/<change note="[^"]*not instructions">\n\+ a line\n<\/change>/);
  });

  test("calls the model the task is pinned to, and never another one", async () => {
    await using server = await modelServer({ text: "Looks good." });
    const executor = executorOn(server.url);
    expect(await executor.run({ ...task, model: "deep" }, never)).toMatchObject({
      model: "openai-compatible:deep",
      usage: { model: "openai-compatible:deep" },
    });
    await expect(executor.run({ ...task, model: "elsewhere" }, never)).rejects.toMatchObject({
      code: "model_missing",
      message: "the model 'elsewhere' that 'reviewer' is pinned to cannot be had here",
    });
    expect(server.requests.map(({ model }) => model)).toEqual(["deep"]);
  });

  test("a structured answer is asked for with its schema", async () => {
    await using server = await modelServer({ text: '{"rating":0.9}' });
    expect(await executorOn(server.url).run(structured, never)).toMatchObject({ product: { rating: 0.9 } });
    expect(server.requests[0]?.response_format).toMatchObject({ type: "json_schema", json_schema: { schema: structured.answerSchema } });
  });

  test("an answer that is no JSON is returned as it is, with one call: the engine judges it and asks once more", async () => {
    await using server = await modelServer({ text: "no" });
    const answer = await executorOn(server.url).run(structured, never);
    expect(answer).toMatchObject({ text: "no", product: null });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["prose that was cut", task, { text: "And so I", finish: "length" }, /was cut/],
    ["JSON that was cut", structured, { text: '{"rating":', finish: "length" }, /was cut/],
    ["JSON that was cut where it looks whole", structured, { text: '{"rating":1}', finish: "length" }, /was cut/],
    ["nothing", task, { text: " " }, /is empty/],
    ["a filtered answer", task, { text: "x", finish: "content_filter" }, /content filter/],
  ] as const)("%s is a failure", async (_, asked, answer, message) => {
    await using server = await modelServer(answer);
    await expect(executorOn(server.url).run(asked, never)).rejects.toMatchObject({
      code: "answer_invalid",
      message: expect.stringMatching(message),
    });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    [429, "model_failed"],
    [503, "model_failed"],
    [404, "model_missing"],
    [401, "config_invalid"],
    [400, "model_refused"],
  ])("status %i is %s, without the provider's words", async (status, code) => {
    await using server = await modelServer({ status });
    const failed = executorOn(server.url).run(task, never);
    await expect(failed).rejects.toMatchObject({ code, message: expect.not.stringContaining("sk-key") });
    expect(server.requests).toHaveLength(1);
  });

  test("a provider that is not there is passing", async () => {
    const server = await modelServer();
    await server[Symbol.asyncDispose]();
    await expect(executorOn(server.url).run(task, never)).rejects.toMatchObject({
      code: "model_failed",
      message: expect.stringContaining("cannot be reached"),
    });
  });

  const spentBy = (failed: Promise<unknown>): Promise<unknown> =>
    failed.then(() => "no failure").catch((error: unknown) => (isAgentCallError(error) ? error.usage : "nothing"));

  test("F:B1 an answer that is refused was paid for; a refused request was not, and a broken connection is unknown", async () => {
    await using cut = await modelServer({ text: "And so I", finish: "length" });
    expect(await spentBy(executorOn(cut.url).run(task, never))).toMatchObject({ costMicros: 200, call: expect.any(String) });
    await using broken = await modelServer({ breaks: true });
    expect(await spentBy(executorOn(broken.url).run(task, never))).toMatchObject({ tokens: null, costMicros: null });
    await using refusing = await modelServer({ status: 400 });
    expect(await spentBy(executorOn(refusing.url).run(task, never))).toBe("nothing");
    const away = await modelServer();
    await away[Symbol.asyncDispose]();
    expect(await spentBy(executorOn(away.url).run(task, never))).toBe("nothing");
    const stop = new AbortController();
    await using slow = await modelServer({ hang: true });
    const asked = spentBy(executorOn(slow.url).run(task, stop.signal));
    await slow.asked;
    stop.abort();
    expect(await asked).toMatchObject({ tokens: null, costMicros: null });
  });

  test("F:B4 what was read from a cache is no input, and has its own price", async () => {
    await using server = await modelServer({ text: "Fine.", cached: 80 });
    expect(await executorOn(server.url).run(task, never)).toMatchObject({
      usage: { tokens: { inputTokens: 20, outputTokens: 20, cacheReadTokens: 80, cacheWriteTokens: 0 }, costMicros: 20 + 100 + 8 },
    });
  });

  test("an abort ends the call", async () => {
    await using server = await modelServer({ hang: true });
    const stop = new AbortController();
    const asked = executorOn(server.url).run(task, stop.signal);
    await server.asked;
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: "unavailable" });
  });

  test("a kind without a model, and jobs, are refused by name", async () => {
    const executor = executorOn("http://127.0.0.1:9/v1");
    await expect(executor.run({ ...task, kind: "unset" }, never)).rejects.toMatchObject({
      code: "model_missing",
      message: "no model is set for the kind 'unset'",
    });
    await expect(executor.startJob(task)).rejects.toMatchObject({ code: "config_invalid" });
    expect([await executor.resolveModel("reviewer", "ask-agent"), await executor.resolveModel("unset", "ask-agent")]).toEqual([
      "openai-compatible:m",
      null,
    ]);
    expect(() => createModel({ provider: "openai-compatible", model: "m", apiKey: "k" })).toThrow(
      expect.objectContaining({ code: "config_invalid" }),
    );
  });
});
