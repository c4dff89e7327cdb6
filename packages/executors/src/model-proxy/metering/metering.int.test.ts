import { brotliCompressSync, gzipSync } from "node:zlib";
import { costOf, priceOf } from "@millrace/agents";
import { describe, expect, it } from "vitest";
import {
  EVENT_STREAM,
  JSON_TYPE,
  TOKENS,
  anthropicSample,
  proxyTo,
  samples,
  startProvider,
  type ProviderReply,
} from "../provider.fixture.js";

const encoder = new TextEncoder();
const bytesOf = (parts: readonly string[]): Uint8Array => encoder.encode(parts.join(""));
const text = async (answer: Response): Promise<string> => answer.text().catch(() => "cut");

/** Each byte by itself is more than a test needs: odd lengths cut every kind of thing. */
function* inPieces(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

describe.each(samples)("$format", (sample) => {
  const whole = bytesOf(sample.stream("世界 🦊"));
  const price = priceOf(sample.model);
  const cost = price === null ? Number.NaN : costOf(TOKENS, price);

  it.each([1, 2, 3, 7, 61])("bytes pass unchanged and are counted, cut into pieces of %i", async (length) => {
    await using provider = await startProvider(() => ({ parts: inPieces(whole, length) }));
    await using proxy = await proxyTo(provider.url, sample);
    const answer = await proxy.post(sample.request({ stream: true }));
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(whole);
    expect(proxy.calls).toMatchObject([{ end: "complete", status: 200, tokens: TOKENS, settledMicros: cost }]);
  });

  it.each<[string, string, ProviderReply]>([
    ["a stream that is cut", "cut", { parts: sample.stream("hello").slice(0, -2), end: "cut" }],
    ["a stream that ends early", "cut", { parts: sample.stream("hello").slice(0, -3) }],
    [
      "a stream of garbage",
      "cut",
      { parts: ["data: {]\n\n", "\u0000\n\n", "data: null\n\ndata: 7\n\n", new Uint8Array([0xff, 0xfe, 0x0a, 0x0a])] },
    ],
    ["an answer that is no JSON", "cut", { headers: JSON_TYPE, parts: ["<html>"] }],
    ["an answer of another shape", "cut", { headers: JSON_TYPE, parts: ['{"usage":{"input_tokens":-1,"prompt_tokens":"x"}}'] }],
    ["an answer of another type", "cut", { headers: { "content-type": "text/html" }, parts: [JSON.stringify(sample.answer("x"))] }],
    ["an answer without a type", "cut", { headers: {}, parts: [JSON.stringify(sample.answer("x"))] }],
    ["an answer without a byte", "cut", { parts: [] }],
    ["an answer that is too long", "cut", { parts: Array.from({ length: 100 }, () => `: ${"x".repeat(100_000)}\n\n`) }],
  ])("F:B1 %s is settled as what was reserved", async (_, end, reply) => {
    await using provider = await startProvider(() => reply);
    await using proxy = await proxyTo(provider.url, sample, { limits: { responseBytes: 4_000_000 } });
    await text(await proxy.post(sample.request({ stream: true })));
    const [call] = proxy.calls;
    expect(call).toMatchObject({ end, settledMicros: call?.reservedMicros });
    expect(call?.settledMicros).toBeGreaterThan(cost);
    expect(proxy.spend().spend).toMatchObject({ calls: 1, estimatedCalls: 1, usage: { costMicros: call?.settledMicros } });
  });

  it("F:B1 a cut stays a cut for the client", async () => {
    await using provider = await startProvider(() => ({ parts: sample.stream("hello").slice(0, -2), end: "cut" }));
    await using proxy = await proxyTo(provider.url, sample);
    await expect((await proxy.post(sample.request({ stream: true }))).text()).rejects.toBeInstanceOf(Error);
  });

  it("F:B1 a client that leaves is settled as what was reserved, and its call ends at the provider", async () => {
    const left = Promise.withResolvers<string>();
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) yield `: ${"x".repeat(10_000)}\n\n`;
      } finally {
        left.resolve("ended");
      }
    }
    await using provider = await startProvider(() => ({ parts: endless(), end: "hang" }));
    await using proxy = await proxyTo(provider.url, sample);
    const client = new AbortController();
    const reader = (await proxy.post(sample.request({ stream: true }), { signal: client.signal })).body?.getReader();
    await reader?.read();
    client.abort();
    expect(await left.promise).toBe("ended");
    expect(proxy.calls).toMatchObject([{ end: "aborted", settledMicros: proxy.calls[0]?.reservedMicros }]);
  });

  it.each([
    [429, { "retry-after": "17" }],
    [529, {}],
    [500, {}],
    [400, {}],
  ])("an error %i of the provider is passed on, and costs nothing", async (status, headers) => {
    const body = '{"error":{"message":"no"}}';
    await using provider = await startProvider(() => ({ status, headers: { ...JSON_TYPE, ...headers }, parts: [body] }));
    await using proxy = await proxyTo(provider.url, sample);
    const answer = await proxy.post(sample.request());
    expect([answer.status, answer.headers.get("retry-after"), await answer.text()]).toEqual([
      status,
      "retry-after" in headers ? "17" : null,
      body,
    ]);
    expect(proxy.calls).toMatchObject([{ end: "refused", status, settledMicros: 0 }]);
    expect(proxy.spend().spend).toMatchObject({ calls: 0, usage: { costMicros: 0 } });
  });
});

it("a provider that is not there costs nothing, and one whose connection breaks costs what was reserved", async () => {
  const away = await startProvider(() => ({}));
  await away[Symbol.asyncDispose]();
  await using none = await proxyTo(away.url, anthropicSample);
  expect((await none.post(anthropicSample.request())).status).toBe(502);
  expect(none.calls).toMatchObject([{ end: "unreached", status: null, settledMicros: 0 }]);
  await using breaking = await startProvider(() => Promise.reject(new Error("breaks")));
  await using proxy = await proxyTo(breaking.url, anthropicSample);
  expect((await proxy.post(anthropicSample.request())).status).toBe(502);
  expect(proxy.calls).toMatchObject([{ end: "cut", settledMicros: proxy.calls[0]?.reservedMicros }]);
});

it("a redirect is not followed", async () => {
  await using target = await startProvider(() => ({ parts: anthropicSample.stream("x") }));
  await using provider = await startProvider(() => ({ status: 307, headers: { location: `${target.url}/messages` } }));
  await using proxy = await proxyTo(provider.url, anthropicSample);
  const answer = await proxy.post(anthropicSample.request());
  expect([answer.status, answer.headers.get("location"), target.requests]).toEqual([502, null, []]);
  expect(await answer.json()).toMatchObject({ type: "error", error: { type: "api_error", code: "provider_unreadable" } });
});

it("a call ends when its time is over, and is settled as what was reserved", async () => {
  await using provider = await startProvider(() => ({ parts: anthropicSample.stream("x").slice(0, 3), end: "hang" }));
  await using proxy = await proxyTo(provider.url, anthropicSample, { limits: { callMs: 100 } });
  await expect((await proxy.post(anthropicSample.request({ stream: true }))).text()).rejects.toBeInstanceOf(Error);
  expect(proxy.calls).toMatchObject([{ end: "aborted", settledMicros: proxy.calls[0]?.reservedMicros }]);
});

it("closing ends calls in flight and resolves when they are settled, also where the client reads no more", async () => {
  await using provider = await startProvider(() => ({ parts: anthropicSample.stream("x").slice(0, 3), end: "hang" }));
  await using proxy = await proxyTo(provider.url, anthropicSample);
  await proxy.post(anthropicSample.request({ stream: true }));
  await proxy.close();
  expect(proxy.calls).toMatchObject([{ end: "aborted" }]);
  expect((await proxy.post(anthropicSample.request())).status).toBe(401);
});

it.each([
  ["gzip", gzipSync],
  ["br", brotliCompressSync],
])("an answer that comes compressed all the same (%s) is counted", async (encoding, compress) => {
  const body = compress(bytesOf(anthropicSample.stream("x")));
  await using provider = await startProvider(() => ({ headers: { ...EVENT_STREAM, "content-encoding": encoding }, parts: [body] }));
  await using proxy = await proxyTo(provider.url, anthropicSample);
  const answer = await proxy.post(anthropicSample.request({ stream: true }));
  expect([answer.headers.get("content-encoding"), await answer.text()]).toEqual([null, anthropicSample.stream("x").join("")]);
  expect(proxy.calls).toMatchObject([{ end: "complete", tokens: TOKENS }]);
  expect(provider.requests[0]?.headers["accept-encoding"]).toBe("identity");
});
