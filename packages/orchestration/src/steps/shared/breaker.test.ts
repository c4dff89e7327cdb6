import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openBreaker, type BreakerAttempt } from "./breaker.logic.js";

const failed = (
  code: string,
  head: string | null = "h1",
  kind: "job_failed" | "dispatch" | "completion" | "agent" = "job_failed",
): BreakerAttempt => ({
  head,
  failure: { kind, code },
});
const worked: BreakerAttempt = { head: "h1" };

describe("the breaker", () => {
  it.each<[string, readonly BreakerAttempt[], string | null, string | null]>([
    ["stays closed without attempts", [], "h1", null],
    ["stays closed after one failure", [failed("agent_login")], "h1", null],
    ["opens at the second in a row", [failed("agent_login"), failed("agent_login")], "h1", "agent_login"],
    ["looks at the last two only", [worked, failed("agent_login"), failed("agent_login")], "h1", "agent_login"],
    ["stays closed for two different failures", [failed("agent_login"), failed("agent_protocol")], "h1", null],
    ["stays closed when one in between worked", [failed("agent_login"), worked, failed("agent_login")], "h1", null],
    ["stays closed when the head moved between them", [failed("agent_login", "h0"), failed("agent_login")], "h1", null],
    ["closes when the head moved since", [failed("agent_login"), failed("agent_login")], "h2", null],
    ["takes unseen heads for one", [failed("agent_login", null), failed("agent_login", null)], null, "agent_login"],
    [
      "opens for jobs that could not be started",
      [failed("config_invalid", "h1", "dispatch"), failed("config_invalid", "h1", "dispatch")],
      "h1",
      "config_invalid",
    ],
    [
      "opens for turns that were refused",
      [failed("turn_refused", "h1", "completion"), failed("turn_refused", "h1", "completion")],
      "h1",
      "turn_refused",
    ],
    ["opens for turns that died", [failed("turn_died", "h1", "completion"), failed("turn_died", "h1", "completion")], "h1", "turn_died"],
    [
      "leaves work that was not delivered to the budget",
      [failed("nothing_committed", "h1", "completion"), failed("nothing_committed", "h1", "completion")],
      "h1",
      null,
    ],
    [
      "leaves answers that cannot be read to the budget",
      [failed("answer_invalid", "h1", "agent"), failed("answer_invalid", "h1", "agent")],
      "h1",
      null,
    ],
  ])("%s", (_name, log, head, code) => {
    expect(openBreaker(log, head)).toBe(code);
  });

  it("is open exactly when the last two are one operational failure on this head", () => {
    const attempt = fc.record({
      head: fc.constantFrom("h1", "h2", null),
      failure: fc.constantFrom(
        undefined,
        { kind: "job_failed", code: "a" } as const,
        { kind: "job_failed", code: "b" } as const,
        { kind: "completion", code: "empty_diff" } as const,
      ),
    });
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 6 }), fc.constantFrom("h1", "h2", null), (log, head) => {
        const [before, last] = log.slice(-2);
        const opens =
          log.length >= 2 &&
          before?.head === head &&
          last?.head === head &&
          last.failure?.kind === "job_failed" &&
          before.failure?.code === last.failure.code;
        expect(openBreaker(log, head)).toBe(opens ? last.failure?.code : null);
      }),
    );
  });
});
