import { LONGEST_TIMER_MS } from "@millrace/kernel";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startWatchdog } from "../supervisor/watchdog.js";

const DAY_MS = 24 * 3_600_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("F:C14 a limit of 30 days, longer than one timer of the host, is waited for", async () => {
  expect(30 * DAY_MS).toBeGreaterThan(LONGEST_TIMER_MS);
  using watchdog = startWatchdog({ totalMs: 30 * DAY_MS, inactivityMs: 40 * DAY_MS });
  const seen: string[] = [];
  void watchdog.expired.then(({ code }) => seen.push(code));
  await vi.advanceTimersByTimeAsync(30 * DAY_MS - 1);
  expect(seen).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(seen).toEqual(["agent_timeout"]);
});

it("F:C14 output begins a long silence anew", async () => {
  using watchdog = startWatchdog({ totalMs: 100 * DAY_MS, inactivityMs: 30 * DAY_MS });
  const seen: string[] = [];
  void watchdog.expired.then(({ message }) => seen.push(message));
  await vi.advanceTimersByTimeAsync(29 * DAY_MS);
  watchdog.touch();
  await vi.advanceTimersByTimeAsync(29 * DAY_MS);
  expect(seen).toEqual([]);
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(seen).toEqual([expect.stringContaining("inactivity")]);
});
