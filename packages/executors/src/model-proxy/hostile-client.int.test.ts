import { describe, expect, it } from "vitest";
import {
  JSON_TYPE,
  PROVIDER_KEY,
  anthropicSample,
  chatSample,
  grantOf,
  proxyTo,
  responsesSample,
  samples,
  startProvider,
  type Sample,
} from "./provider.fixture.js";
import { createModelProxyHandler } from "./model-proxy.js";

const answering = (sample: Sample) => () => ({ headers: JSON_TYPE, parts: [JSON.stringify(sample.answer("x"))] });

describe.each(samples)("$format", (sample) => {
  it.each([
    ["no token", {}],
    ["a made-up token", { authorization: `Bearer mrt_${"0".repeat(64)}` }],
    ["the provider's own key", { "x-api-key": PROVIDER_KEY }],
    ["an empty token", { authorization: "Bearer " }],
    ["two tokens", { "x-api-key": "mrt_other" }],
  ])("H:S9 %s reaches nothing", async (name, headers) => {
    await using provider = await startProvider(answering(sample));
    await using proxy = await proxyTo(provider.url, sample);
    const answer = await proxy.post(sample.request(), { headers: { ...(name === "two tokens" ? {} : { authorization: "" }), ...headers } });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: "unauthorized", type: "authentication_error" } });
    expect(provider.requests).toEqual([]);
  });

  it("H:S9 the right token works in either header, until its time is over", async () => {
    await using provider = await startProvider(answering(sample));
    let now = 1_000_000;
    await using proxy = await proxyTo(provider.url, sample, { clock: { now: () => now } });
    const headers = { authorization: "", "x-api-key": proxy.token };
    expect((await proxy.post(sample.request())).status).toBe(200);
    expect((await proxy.post(sample.request(), { headers })).status).toBe(200);
    now = grantOf(sample).expiresAt;
    expect((await proxy.post(sample.request())).status).toBe(401);
  });

  it.each<[string, string | object, number, string]>([
    ["no JSON", "{", 400, "invalid_body"],
    ["a list", "[]", 400, "invalid_body"],
    ["nothing", "", 400, "invalid_body"],
    ["a limit below zero", sample.request({ max_tokens: -1, max_completion_tokens: -1, max_output_tokens: -1 }), 400, "invalid_body"],
    [
      "a limit that no number holds",
      sample.request({ max_tokens: 1e308, max_completion_tokens: 1e308, max_output_tokens: 1e308 }),
      400,
      "invalid_body",
    ],
    [
      "a limit that no reservation covers",
      sample.request({ max_tokens: 1e9, max_completion_tokens: 1e9, max_output_tokens: 1e9 }),
      402,
      "over_reservation",
    ],
    ["a model that is no text", sample.request({ model: { id: "x" } }), 400, "invalid_body"],
    [
      "a body that is nested deeply",
      `{"model":"x","max_tokens":1,"input":[],"messages":[],"tools":[${"[".repeat(101)}${"]".repeat(101)}]}`,
      400,
      "invalid_body",
    ],
    ["a giant body", JSON.stringify(sample.request({ padding: "x".repeat(2_000_000) })), 413, "too_large"],
  ])("H:S14 %s is refused before anything is sent", async (_, body, status, code) => {
    await using provider = await startProvider(answering(sample));
    await using proxy = await proxyTo(provider.url, sample, { limits: { requestBytes: 1_000_000 } });
    const answer = await proxy.post(body);
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ error: expect.objectContaining({ code }) })]);
    expect([provider.requests, proxy.calls]).toEqual([[], []]);
    // Its slot and its reservation are free again.
    expect((await proxy.post(sample.request())).status).toBe(200);
  });

  it("H:S14 a giant body without a length is read up to the limit", async () => {
    await using provider = await startProvider(answering(sample));
    await using proxy = await proxyTo(provider.url, sample, { limits: { requestBytes: 1_000_000 } });
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 100_000;
        controller.enqueue(new Uint8Array(100_000));
      },
    });
    const headers = { authorization: `Bearer ${proxy.token}` };
    const init = { method: "POST", headers, body: endless, duplex: "half" as const };
    expect((await proxy.handle(new Request(`http://proxy.invalid${sample.path}`, init))).status).toBe(413);
    expect(sent).toBeLessThan(2_000_000);
  });

  it("H:S9 what the provider reads is what was judged: fields that are there twice go as one", async () => {
    await using provider = await startProvider(answering(sample));
    await using proxy = await proxyTo(provider.url, sample);
    const twice = JSON.stringify(sample.request()).replace("{", '{"model":"dearest","model":"dearer",');
    await proxy.post(twice);
    const [, name] = sample.model.split(":");
    expect(provider.requests[0]?.body.match(/"model":"[^"]*"/g)).toEqual([`"model":"${name}"`]);
    expect(provider.requests[0]?.body).not.toContain("dear");
  });

  it("H:S9 nothing of an address or a host reaches the provider", async () => {
    await using provider = await startProvider(answering(sample));
    await using proxy = await proxyTo(provider.url, sample);
    await proxy.post(sample.request(), {
      path: `${sample.path}?key=x&beta=true`,
      headers: { "x-forwarded-host": "evil", forwarded: "evil" },
    });
    expect(provider.requests).toMatchObject([{ url: sample.path }]);
    expect(JSON.stringify(provider.requests)).not.toContain("evil");
  });

  it("H:S14 more calls at once than there may be get 429, with the time to wait", async () => {
    const go = Promise.withResolvers<void>();
    await using provider = await startProvider(async () => {
      await go.promise;
      return answering(sample)();
    });
    await using proxy = await proxyTo(provider.url, sample, { limits: { callsInFlight: 2 } });
    const first = [proxy.post(sample.request()), proxy.post(sample.request())];
    await provider.seen(2);
    const third = await proxy.post(sample.request());
    expect([third.status, third.headers.get("retry-after"), await third.json()]).toEqual([
      429,
      "1",
      expect.objectContaining({ error: expect.objectContaining({ code: "calls_in_flight", type: "rate_limit_error" }) }),
    ]);
    go.resolve();
    for (const answer of await Promise.all(first)) await answer.text();
    expect((await proxy.post(sample.request())).status).toBe(200);
  });

  it("H:S14 more calls within a minute than there may be get 429 until the minute is over", async () => {
    await using provider = await startProvider(answering(sample));
    let now = 1_000_000;
    await using proxy = await proxyTo(provider.url, sample, { limits: { callsPerMinute: 3 }, clock: { now: () => now } });
    const post = async (): Promise<readonly [number, string | null]> => {
      const answer = await proxy.post(sample.request());
      await answer.text();
      return [answer.status, answer.headers.get("retry-after")];
    };
    for (let calls = 0; calls < 3; calls += 1) expect(await post()).toEqual([200, null]);
    now += 20_000;
    expect(await post()).toEqual([429, "40"]);
    now += 40_000;
    expect(await post()).toEqual([200, null]);
  });

  it.each([401, 403, 400, 429, 500])("H:S9 a provider that quotes the key in an error %i gives it to no client", async (status) => {
    const echo = `Incorrect API key provided: ${PROVIDER_KEY}, sk-proj-******************cdef`;
    const headers = { ...JSON_TYPE, "request-id": `for ${PROVIDER_KEY}`, "retry-after": PROVIDER_KEY };
    await using provider = await startProvider(() => ({ status, headers, parts: [JSON.stringify({ error: { message: echo } })] }));
    await using proxy = await proxyTo(provider.url, sample);
    const answer = await proxy.post(sample.request());
    const shown = JSON.stringify([...answer.headers, await answer.text(), proxy.calls, proxy.spend()]);
    expect(answer.status).toBe(status === 401 ? 403 : status);
    expect(shown).not.toContain("sk-");
  });
});

it("H:S9 a key that cannot be had is no reason to tell why", async () => {
  await using provider = await startProvider(answering(anthropicSample));
  const key = (): Promise<string> => Promise.reject(new Error(PROVIDER_KEY));
  const providers = [{ name: "anthropic", formats: ["anthropic-messages"] as const, baseUrl: provider.url, key }];
  await using proxy = await proxyTo(provider.url, anthropicSample, { providers });
  const answer = await proxy.post(anthropicSample.request());
  expect([answer.status, await answer.text()]).toEqual([403, expect.not.stringContaining("sk-")]);
  expect(proxy.spend().spend.usage.costMicros).toBe(0);
});

it("H:S9 the token of one run is of no use with the door of another", async () => {
  await using provider = await startProvider(answering(anthropicSample));
  await using mine = await proxyTo(provider.url, anthropicSample);
  await using other = await proxyTo(provider.url, anthropicSample, { grant: { runId: "run_2", key: "run_2/0/0/job.1" } });
  expect((await other.post(anthropicSample.request(), { headers: { authorization: `Bearer ${mine.token}` } })).status).toBe(401);
  expect([other.calls, provider.requests]).toEqual([[], []]);
});

it("H:S9 a handler that is mounted without a socket knows its clients by their token", async () => {
  await using provider = await startProvider(answering(chatSample));
  const handler = createModelProxyHandler({
    providers: [{ name: "openai", formats: ["openai-chat"], baseUrl: provider.url, key: async () => PROVIDER_KEY }],
    clock: { now: () => 1 },
  });
  const { token, access } = await handler.admit(grantOf(chatSample));
  const post = (bearer: string): Promise<Response> =>
    handler.handle(
      new Request("https://worker.invalid/v1/chat/completions", {
        method: "POST",
        headers: { authorization: `Bearer ${bearer}` },
        body: JSON.stringify(chatSample.request()),
      }),
    );
  expect([(await post("mrt_other")).status, (await post(token ?? "")).status]).toEqual([401, 200]);
  await access.close();
  expect((await post(token ?? "")).status).toBe(401);
});

const image = (source: object): object => ({ messages: [{ role: "user", content: [{ type: "image", source }] }] });
const url = "https://evil.invalid/?secret";

it.each<[string, Sample, object]>([
  ["an image by its address", anthropicSample, image({ type: "url", url })],
  ["a stored file", anthropicSample, image({ type: "file", file_id: "f" })],
  [
    "an image in the result of a tool",
    anthropicSample,
    {
      messages: [
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: [{ type: "image", source: { type: "url", url } }] }] },
      ],
    },
  ],
  ["an image by its address", chatSample, { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] }],
  ["a stored file", chatSample, { messages: [{ role: "user", content: [{ type: "file", file: { file_id: "f" } }] }] }],
  ["an image by its address", responsesSample, { input: [{ role: "user", content: [{ type: "input_image", image_url: url }] }] }],
  ["a file by its address", responsesSample, { input: [{ role: "user", content: [{ type: "input_file", file_url: url }] }] }],
  [
    "an image in the output of a tool",
    responsesSample,
    { input: [{ type: "function_call_output", call_id: "c", output: [{ type: "input_image", image_url: url }] }] },
  ],
  ["a stored item", responsesSample, { input: [{ type: "item_reference", id: "i" }] }],
])("H:S9 the provider is no way around the network: %s is refused (%#)", async (_, sample, fields) => {
  await using provider = await startProvider(answering(sample));
  await using proxy = await proxyTo(provider.url, sample);
  const answer = await proxy.post(sample.request(fields));
  expect([answer.status, await answer.json()]).toEqual([
    400,
    expect.objectContaining({ error: expect.objectContaining({ code: "beyond_door" }) }),
  ]);
  expect(provider.requests).toEqual([]);
});

it.each<[Sample, readonly object[]]>([
  [
    anthropicSample,
    [
      { type: "web_fetch_20250910", name: "web_fetch" },
      { type: "advisor_20260301", model: "dearest" },
      { name: "mine", input_schema: {} },
    ],
  ],
  [chatSample, [{ type: "web_search" }, { type: "mcp", server_url: url }, { type: "function", function: { name: "mine" } }]],
  [responsesSample, [{ type: "web_search" }, { type: "mcp", server_url: url }, { type: "function", name: "mine" }]],
])("H:S9 tools that run at the provider are left out, and fields that lead elsewhere (%#)", async (sample, tools) => {
  await using provider = await startProvider(answering(sample));
  await using proxy = await proxyTo(provider.url, sample);
  const elsewhere = { mcp_servers: [{ url }], container: "c", background: true, previous_response_id: "r", prompt: { id: "p" }, n: 5 };
  await proxy.post(sample.request({ ...elsewhere, speed: "fast", tools }));
  const sent = JSON.parse(provider.requests[0]?.body ?? "") as object;
  expect(sent).toMatchObject({ tools: [tools[2]] });
  expect(Object.keys(sent).filter((field) => [...Object.keys(elsewhere), "speed"].includes(field))).toEqual([]);
});

it("H:S9 an address that a key must not be sent to is refused, and so is a model without a provider", async () => {
  const of = (baseUrl: string) => () =>
    createModelProxyHandler({
      providers: [{ name: "p", formats: ["openai-chat"], baseUrl, key: async () => "k" }],
      clock: { now: () => 1 },
    });
  for (const bad of [
    "http://api.example.com/v1",
    "ftp://x/v1",
    "https://u:p@x/v1",
    "https://x/v1?a=b",
    "x",
    "http://127.0.0.1.evil.invalid/v1",
  ])
    expect(of(bad)).toThrow(expect.objectContaining({ code: "config_invalid" }));
  const handler = of("http://127.0.0.1:1/v1")();
  for (const model of ["other:m", "p", "p:", ":m"])
    await expect(handler.admit({ ...grantOf(chatSample), model })).rejects.toMatchObject({ code: "model_missing" });
});

it("the web search is a door that is off, and bounded where a host has one", async () => {
  await using provider = await startProvider(answering(chatSample));
  await using off = await proxyTo(provider.url, chatSample);
  const path = "/model/search";
  const closed = await off.post({ query: "x" }, { path });
  expect([closed.status, await closed.json()]).toEqual([
    404,
    expect.objectContaining({ error: expect.objectContaining({ code: "search_off" }) }),
  ]);
  const hit = { title: "t", url: "u", text: "x" };
  const search = {
    isOn: true,
    search: async ({ query }: { query: string }) => (query === "fail" ? Promise.reject(new Error("no")) : [hit]),
  };
  await using on = await proxyTo(provider.url, chatSample, { search, limits: { searches: 2 } });
  expect(await (await on.post({ query: "x" }, { path })).json()).toEqual({ hits: [hit] });
  const statuses = [];
  for (const query of ["", "fail", "x"]) statuses.push((await on.post({ query }, { path })).status);
  expect(statuses).toEqual([400, 502, 429]);
});
