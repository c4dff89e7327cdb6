import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import type { ModelCallEnd } from "../options.js";
import { NOTHING_READ } from "../wire/wire-format.port.js";
import { meteredBody } from "./metered-body.js";

const never = new AbortController().signal;

function source(parts: number) {
  const seen = { pulled: 0, cancelled: false, metered: 0, ends: [] as ModelCallEnd[] };
  const answer = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.pulled += 1;
        if (seen.pulled > parts) controller.close();
        else controller.enqueue(new Uint8Array(10));
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const meter = { push: (chunk: Uint8Array) => void (seen.metered += chunk.length), read: () => NOTHING_READ };
  const bodyOf = (signal = never, maxBytes = 1000) =>
    meteredBody(answer, meter, { maxBytes, signal, onEnd: (end) => void seen.ends.push(end) });
  return { seen, bodyOf };
}

it("reads no part before its client asks for one", async () => {
  const { seen, bodyOf } = source(5);
  const reader = bodyOf().getReader();
  await setImmediate();
  expect(seen.pulled).toBe(0);
  await reader.read();
  await setImmediate();
  expect([seen.pulled, seen.metered, seen.ends]).toEqual([1, 10, []]);
});

it("ends at the source when the client leaves, at the limit, and at an abort that no read sees", async () => {
  const left = source(5);
  await left.bodyOf().cancel();
  expect(left.seen).toMatchObject({ cancelled: true, ends: ["aborted"] });
  const long = source(5);
  await expect(new Response(long.bodyOf(never, 25)).arrayBuffer()).rejects.toBeInstanceOf(RangeError);
  expect(long.seen).toMatchObject({ cancelled: true, metered: 20, ends: ["cut"] });
  const stop = new AbortController();
  const unread = source(5);
  unread.bodyOf(stop.signal);
  stop.abort();
  expect(unread.seen.ends).toEqual(["aborted"]);
  const late = source(5);
  late.bodyOf(stop.signal);
  expect(late.seen.ends).toEqual(["aborted"]);
});
