import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { costOf, priceOf } from "@millrace/agents";
import { generateText, streamText, type LanguageModel } from "ai";
import { describe, expect, it } from "vitest";
import {
  EVENT_STREAM,
  JSON_TYPE,
  PROVIDER_KEY,
  TOKENS,
  anthropicSample,
  chatSample,
  proxyTo,
  responsesSample,
  samples,
  startProvider,
  type TestProxy,
} from "./provider.fixture.js";

const TEXT = "Grüße, 世界 🦊";
const base = { baseURL: "http://proxy.invalid/v1" };
const fetchOf = (proxy: TestProxy) => ({
  fetch: (input: string | URL | Request, init?: RequestInit) => proxy.handle(new Request(input, init)),
});
const clients: readonly (readonly [string, (typeof samples)[number], (proxy: TestProxy) => LanguageModel])[] = [
  ["Anthropic", anthropicSample, (proxy) => createAnthropic({ ...base, authToken: proxy.token, ...fetchOf(proxy) })("another-model")],
  [
    "Anthropic, by API key",
    anthropicSample,
    (proxy) => createAnthropic({ ...base, apiKey: proxy.token, ...fetchOf(proxy) })("another-model"),
  ],
  ["OpenAI chat", chatSample, (proxy) => createOpenAI({ ...base, apiKey: proxy.token, ...fetchOf(proxy) }).chat("another-model")],
  [
    "OpenAI-compatible chat",
    chatSample,
    (proxy) => createOpenAICompatible({ ...base, name: "other", apiKey: proxy.token, ...fetchOf(proxy) })("another-model"),
  ],
  [
    "OpenAI responses",
    responsesSample,
    (proxy) => createOpenAI({ ...base, apiKey: proxy.token, ...fetchOf(proxy) }).responses("another-model"),
  ],
];

describe.each(clients)("a client of the AI SDK: %s", (_name, sample, modelOf) => {
  it("streams, and is metered by what the provider counted", async () => {
    await using provider = await startProvider(() => ({ parts: sample.stream(TEXT) }));
    await using proxy = await proxyTo(provider.url, sample);
    const result = streamText({ model: modelOf(proxy), prompt: "Hello", maxOutputTokens: 100, maxRetries: 0 });
    expect(await result.text).toBe(TEXT);
    expect(await result.usage).toMatchObject({ inputTokens: 100, outputTokens: 30 });
    const [, name = ""] = sample.model.split(":");
    expect(JSON.parse(provider.requests[0]?.body ?? "")).toMatchObject({ model: name });
    const price = priceOf(sample.model);
    expect(proxy.calls).toMatchObject([{ end: "complete", tokens: TOKENS, settledMicros: price === null ? 0 : costOf(TOKENS, price) }]);
  });

  it("gets a whole answer, and is metered", async () => {
    await using provider = await startProvider(() => ({ headers: JSON_TYPE, parts: [JSON.stringify(sample.answer(TEXT))] }));
    await using proxy = await proxyTo(provider.url, sample);
    expect((await generateText({ model: modelOf(proxy), prompt: "Hello", maxOutputTokens: 100, maxRetries: 0 })).text).toBe(TEXT);
    expect(proxy.calls).toMatchObject([{ end: "complete", tokens: TOKENS }]);
    expect(proxy.spend().spend).toMatchObject({ usage: { tokens: TOKENS }, calls: 1, estimatedCalls: 0, overshootMicros: 0 });
  });
});

describe.each(samples)("$format", (sample) => {
  it("H:S9 the provider sees the host's key, listed headers and listed fields, and the client sees none of the host's", async () => {
    await using provider = await startProvider(() => ({
      headers: { ...EVENT_STREAM, "openai-organization": "org", "set-cookie": "a=b", "request-id": "req_1", "x-echo": PROVIDER_KEY },
      parts: sample.stream("ok"),
    }));
    await using proxy = await proxyTo(provider.url, sample);
    const secrets = {
      metadata: { user_id: "device_1" },
      user: "device_1",
      client_metadata: { installation: "device_1" },
      service_tier: "priority",
    };
    const headers = {
      "x-device-id": "device_1",
      "x-stainless-os": "Linux",
      cookie: "device_1",
      "user-agent": "device_1",
      host: "evil.invalid",
    };
    const answer = await proxy.post(sample.request({ stream: true, ...secrets }), { headers });
    expect(await answer.text()).toBe(sample.stream("ok").join(""));
    const [request] = provider.requests;
    expect(JSON.stringify(request)).not.toContain("device_1");
    expect(JSON.stringify(request)).not.toContain("mrt_");
    expect(request?.body).not.toContain("priority");
    expect([request?.headers["x-api-key"], request?.headers.authorization]).toContain(
      sample.format === "anthropic-messages" ? PROVIDER_KEY : `Bearer ${PROVIDER_KEY}`,
    );
    expect(Object.keys(request?.headers ?? {}).filter((name) => name.startsWith("x-") && name !== "x-api-key")).toEqual([]);
    expect(Object.fromEntries(answer.headers)).toEqual({
      "cache-control": "no-store",
      "content-type": "text/event-stream; charset=utf-8",
      "request-id": "req_1",
    });
  });

  it("lists the pinned model alone, and answers every other address in its own shape", async () => {
    await using provider = await startProvider(() => ({}));
    await using proxy = await proxyTo(provider.url, sample);
    const get = (path: string) =>
      proxy.handle(new Request(`http://proxy.invalid${path}`, { headers: { authorization: `Bearer ${proxy.token}` } }));
    const [, name = ""] = sample.model.split(":");
    expect(await (await get("/v1/models")).json()).toMatchObject({ data: [{ id: name }] });
    for (const path of ["/", "/v1/files", "/v1/models/x", "//v1/messages", "/v1/messages/batches", `${sample.path}/`]) {
      const answer = await proxy.post(sample.request(), { path });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(await answer.json()).toMatchObject({ error: { code: "not_found", message: expect.any(String) } });
    }
    expect((await get(sample.path)).status).toBe(404);
    expect(provider.requests).toEqual([]);
  });
});

it("counting tokens is free and goes to the pinned model", async () => {
  await using provider = await startProvider(() => ({ headers: JSON_TYPE, parts: ['{"input_tokens":7}'] }));
  await using proxy = await proxyTo(provider.url, anthropicSample, { grant: { reservationMicros: 0 } });
  const { max_tokens: _, ...request } = anthropicSample.request() as { max_tokens: number };
  const answer = await proxy.post(request, {
    path: "/v1/messages/count_tokens?beta=true",
    headers: { "anthropic-beta": "token-counting" },
  });
  expect(await answer.json()).toEqual({ input_tokens: 7 });
  expect(provider.requests[0]).toMatchObject({
    url: "/v1/messages/count_tokens?beta=true",
    headers: { "anthropic-beta": "token-counting" },
  });
  expect(JSON.parse(provider.requests[0]?.body ?? "")).toEqual({ ...request, model: "claude-sonnet-4-5" });
  expect([proxy.calls, proxy.spend().spend.usage.costMicros]).toEqual([[], 0]);
});

it("a chat stream is asked for its usage, and a call without a limit of its output gets one", async () => {
  await using provider = await startProvider(() => ({ parts: chatSample.stream("ok") }));
  await using proxy = await proxyTo(provider.url, chatSample, { limits: { outputTokens: 512 } });
  const fields = { stream: true, stream_options: { include_usage: false, include_obfuscation: false }, max_completion_tokens: undefined };
  await (await proxy.post(chatSample.request(fields))).text();
  expect(JSON.parse(provider.requests[0]?.body ?? "")).toMatchObject({
    stream_options: { include_usage: true, include_obfuscation: false },
    max_completion_tokens: 512,
  });
});
