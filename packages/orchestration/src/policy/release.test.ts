import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeRelease } from "./release.logic.js";

type Signal = Parameters<typeof judgeRelease>[0][number];
const signal = (state: Signal["state"], name = "errors", detail: string | null = null): Signal => ({ name, state, detail });

describe("what signals say of a release (21.2)", () => {
  it.each<[string, Signal[], boolean, string]>([
    ["nothing is watched, window open", [], false, "healthy"],
    ["nothing is watched, window over", [], true, "healthy"],
    ["in alert, window open", [signal("alert")], false, "regressed"],
    ["in alert, window over", [signal("alert")], true, "regressed"],
    ["one of several in alert", [signal("ok"), signal("alert")], false, "regressed"],
    ["ok, window open", [signal("ok")], false, "watching"],
    ["ok, window over", [signal("ok")], true, "healthy"],
    ["a warning, window open", [signal("warn")], false, "watching"],
    ["a warning, window over", [signal("warn")], true, "healthy"],
    ["no data, window open", [signal("no_data")], false, "watching"],
    ["no data, window over", [signal("no_data")], true, "healthy"],
  ])("table of signals: %s", (_name, signals, windowIsOver, says) => {
    expect(judgeRelease(signals, windowIsOver).says).toBe(says);
  });

  it("names what is in alert, with its detail, and nothing else", () => {
    const signals = [signal("alert", "errors", "5 %"), signal("ok", "latency", "10 ms"), signal("alert", "queue")];
    expect(judgeRelease(signals, false)).toEqual({ says: "regressed", because: "in alert: errors (5 %), queue" });
    expect(judgeRelease([signal("ok"), signal("warn")], true)).toMatchObject({ because: expect.stringContaining("2 signal(s)") });
  });

  it("an alert is one whatever else is seen and whenever; without one only the window decides", () => {
    const states = fc.array(fc.constantFrom("ok" as const, "warn" as const, "no_data" as const, "alert" as const), { minLength: 1 });
    fc.assert(
      fc.property(states, fc.boolean(), (seen, windowIsOver) => {
        const expected = seen.includes("alert") ? "regressed" : windowIsOver ? "healthy" : "watching";
        const signals = seen.map((state) => signal(state));
        expect(judgeRelease(signals, windowIsOver).says).toBe(expected);
        expect(judgeRelease(signals.toReversed(), windowIsOver).says).toBe(expected);
      }),
    );
  });
});
