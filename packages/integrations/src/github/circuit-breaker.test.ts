import { expect, it } from "vitest";
import { CircuitBreaker } from "./circuit-breaker.js";

it("F:C9 an open breaker probes when the clock was set back, instead of an hour later", () => {
  let now = 7_200_000;
  const breaker = new CircuitBreaker({ now: () => now }, "installation 1");
  for (let failure = 0; failure < 3; failure += 1) breaker.recordFailure();
  expect(() => breaker.beforeRequest()).toThrow("does not answer");
  now -= 3_600_000;
  expect(breaker.beforeRequest()).toBe(true);
  expect(breaker.recordFailure()).toMatchObject({ details: { resetAt: now + 60_000 } });
  expect(() => breaker.beforeRequest()).toThrow("does not answer");
});
