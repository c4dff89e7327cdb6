import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeRelease } from "./release.logic.js";

type Signal = Parameters<typeof judgeRelease>[0][number];
const signal = (state: Signal["state"], name = "errors", detail: string | null = null): Signal => ({ name, state, detail });
const QUIET: readonly Signal["state"][] = ["ok", "warn", "no_data"];

describe("judgeRelease (21.2)", () => {
  it.each<[string, readonly Signal[], boolean, string]>([
    ["F:A14 nothing watched, window open", [], false, "unwatched"],
    ["F:A14 nothing watched, window over", [], true, "unwatched"],
    ["healthy, window open", [signal("ok")], false, "watching"],
    ["healthy, window over", [signal("ok")], true, "healthy"],
    ["warn and no data pass when the window is over", [signal("warn"), signal("no_data")], true, "healthy"],
    ["in alert, window open", [signal("ok"), signal("alert")], false, "regressed"],
    ["in alert, window over", [signal("alert")], true, "regressed"],
  ])("%s", (_name, signals, windowIsOver, says) => {
    expect(judgeRelease(signals, windowIsOver).says).toBe(says);
  });

  const signals = fc.array(
    fc.record({
      name: fc.constantFrom("errors", "latency", "queue"),
      state: fc.constantFrom<Signal["state"]>("alert", ...QUIET),
      detail: fc.option(fc.string({ maxLength: 20 }), { nil: null }),
    }),
    { minLength: 1, maxLength: 8 },
  );

  it("goes by alerts alone: quiet signals are all alike, their order and details do not matter", () => {
    fc.assert(
      fc.property(signals, fc.boolean(), fc.constantFrom(...QUIET), (seen, windowIsOver, quiet) => {
        const { says } = judgeRelease(seen, windowIsOver);
        const alerts = seen.some(({ state }) => state === "alert");
        expect(says === "regressed").toBe(alerts);
        const alike = seen.map((one) => (one.state === "alert" ? one : { ...one, state: quiet, detail: null }));
        expect(judgeRelease(alike.toReversed(), windowIsOver).says).toBe(says);
      }),
    );
  });

  it("names every signal in alert with its detail, in a text that fits a notification", () => {
    expect(judgeRelease([signal("alert", "errors", "5 %"), signal("ok", "queue"), signal("alert", "latency")], false)).toEqual({
      says: "regressed",
      because: "in alert: errors (5 %), latency",
    });
    const many = Array.from({ length: 500 }, (_, at) => signal("alert", `signal ${at}`, "x".repeat(100)));
    const judged = judgeRelease(many, false);
    expect(judged.says === "regressed" && judged.because.length).toBe(4000);
  });
});
