import { costOf, priceOf } from "@millrace/agents";
import { describe, expect, it } from "vitest";
import { JSON_TYPE, TOKENS, anthropicSample, chatSample, proxyTo, samples, startProvider } from "../provider.fixture.js";

describe.each(samples)("$format", (sample) => {
  it("P6 an agent that calls in a loop stops at its reservation, with 402 in the shape of its API", async () => {
    await using provider = await startProvider(() => ({ parts: sample.stream("x") }));
    await using proxy = await proxyTo(provider.url, sample, { grant: { reservationMicros: 20_000 } });
    let refused: Response | null = null;
    for (let calls = 0; calls < 1000 && refused === null; calls += 1) {
      const answer = await proxy.post(sample.request({ stream: true }));
      if (answer.status === 402) refused = answer;
      else await answer.text();
    }
    expect(await refused?.json()).toMatchObject({ error: { code: "over_reservation", message: expect.any(String) } });
    const price = priceOf(sample.model);
    const each = price === null ? Number.NaN : costOf(TOKENS, price);
    const { usage, calls, overshootMicros } = proxy.spend().spend;
    expect([usage.costMicros, overshootMicros]).toEqual([calls * each, 0]);
    // No more is left than one call reserves.
    expect(20_000 - calls * each).toBeLessThan(proxy.calls[0]?.reservedMicros ?? 0);
    expect(provider.requests).toHaveLength(calls);
  });

  it("P6 of twenty calls at once with room for one, exactly one goes", async () => {
    await using provider = await startProvider(() => ({ parts: sample.stream("x") }));
    await using first = await proxyTo(provider.url, sample);
    await (await first.post(sample.request())).text();
    const room = first.calls[0]?.reservedMicros ?? 0;
    await using proxy = await proxyTo(provider.url, sample, { grant: { reservationMicros: room }, limits: { callsInFlight: 20 } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => proxy.post(sample.request())));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 19 }, () => 402)]);
    expect(provider.requests).toHaveLength(2);
  });
});

it("P6 the overshoot of the densest input there can be is a number, and stays below the reservation", async () => {
  // A token for each byte, and the whole output: what no estimate of usual text can foresee.
  const reservationMicros = 100_000;
  await using provider = await startProvider(({ body }) => ({
    headers: JSON_TYPE,
    parts: [JSON.stringify({ type: "message", usage: { input_tokens: body.length, output_tokens: 100 } })],
  }));
  await using proxy = await proxyTo(provider.url, anthropicSample, { grant: { reservationMicros } });
  const dense = anthropicSample.request({ messages: [{ role: "user", content: "x".repeat(48_000) }] });
  for (let status = 200; status === 200;) {
    const answer = await proxy.post(dense);
    await answer.text();
    ({ status } = answer);
  }
  const { overshootMicros, usage } = proxy.spend().spend;
  process.stdout.write(`overshoot: ${overshootMicros} of ${reservationMicros} micros reserved (${usage.costMicros} spent)\n`);
  expect(overshootMicros).toBeGreaterThan(0);
  expect(overshootMicros).toBeLessThan(reservationMicros);
});

it("F:B2 a call without a price reserves and settles the floor, whatever it used", async () => {
  await using provider = await startProvider(() => ({ parts: chatSample.stream("x") }));
  await using proxy = await proxyTo(provider.url, chatSample, {
    grant: { model: "openai:unheard-of", reservationMicros: 25_000 },
    limits: { unpricedCallMicros: 10_000 },
  });
  const statuses: number[] = [];
  for (let calls = 0; calls < 3; calls += 1) {
    const answer = await proxy.post(chatSample.request({ stream: true }));
    await answer.text();
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([200, 200, 402]);
  expect(proxy.spend().spend).toMatchObject({ calls: 2, estimatedCalls: 2, usage: { costMicros: 20_000, tokens: { outputTokens: 60 } } });
});

it("a model that is free is metered and never refused for money", async () => {
  await using provider = await startProvider(() => ({ parts: chatSample.stream("x") }));
  const free = { inputMicros: 0, outputMicros: 0, cacheReadMicros: 0, cacheWriteMicros: 0 };
  await using proxy = await proxyTo(provider.url, chatSample, { grant: { reservationMicros: 1 }, priceOf: () => free });
  for (let calls = 0; calls < 5; calls += 1) await (await proxy.post(chatSample.request({ stream: true }))).text();
  expect(proxy.spend().spend).toMatchObject({ calls: 5, estimatedCalls: 0, usage: { costMicros: 0 } });
});

it("a resumed access goes on where the one before was, with its token", async () => {
  await using provider = await startProvider(() => ({ parts: anthropicSample.stream("x") }));
  await using before = await proxyTo(provider.url, anthropicSample);
  await (await before.post(anthropicSample.request())).text();
  const resumes = before.spend();
  await using after = await proxyTo(provider.url, anthropicSample, { grant: { resumes } });
  expect(after.token).toBe("");
  const headers = { authorization: `Bearer ${before.token}` };
  await (await after.post(anthropicSample.request(), { headers })).text();
  expect(after.spend().spend).toMatchObject({ calls: 2, usage: { costMicros: 2 * (resumes.spend.usage.costMicros ?? 0) } });
  expect(JSON.stringify(resumes)).not.toContain("mrt_");
});
