import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sleep } from "./rest.js";

const DAY_MS = 24 * 3_600_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("F:C14 a sleep of 60 days lasts 60 days, or until it is woken", async () => {
  const stop = new AbortController();
  const ended: string[] = [];
  void sleep(60 * DAY_MS, new AbortController().signal).then(() => ended.push("slept"));
  void sleep(60 * DAY_MS, stop.signal).then(() => ended.push("woken"));
  await vi.advanceTimersByTimeAsync(30 * DAY_MS);
  expect(ended).toEqual([]);
  stop.abort();
  await vi.advanceTimersByTimeAsync(29 * DAY_MS);
  expect(ended).toEqual(["woken"]);
  await vi.advanceTimersByTimeAsync(2 * DAY_MS);
  expect(ended).toEqual(["woken", "slept"]);
});
