import { describe, expect, it } from "vitest";
import { builtInRegistries, newRun } from "../../spec/defaults.js";
import { mayHaveEnvironment } from "./environments.logic.js";
import { hasWorkBehindMerge, mergeIndex } from "./landing.logic.js";

const { stepKinds } = builtInRegistries;
const done = { is: "done" } as const;
const skipped = { is: "skipped", reason: "x" } as const;
const pending = { is: "pending" } as const;

describe("a run whose change has landed", () => {
  const activities = (kinds: readonly string[], ...is: readonly (typeof done | typeof skipped | typeof pending)[]) => ({
    steps: newRun(kinds).steps.map((step, at) => ({ ...step, activity: is[at] ?? pending })),
  });
  const watched = ["coder", "merger", "documenter", "tracker"];

  it.each<[string, ReturnType<typeof activities>, number, boolean]>([
    ["a step behind its merge is open", activities(watched, done, done, pending, done), 0, true],
    ["the last one is", activities(watched, done, done, done, pending), 0, true],
    ["all behind it are done", activities(watched, done, done, done, done), 0, false],
    ["all behind it are done or skipped", activities(watched, done, done, skipped, skipped), 0, false],
    ["what is open stands up to the merge", activities(watched, pending, pending, done, done), 0, false],
    ["what is open stands before the step that failed", activities(watched, done, done, pending, done), 3, false],
    ["it failed at what is open", activities(watched, done, done, pending, done), 2, true],
    ["nothing stands behind its merge", activities(["coder", "merger"], done, pending), 0, false],
    ["its first step merges", activities(["merger", "documenter"], done, pending), 0, true],
    ["it has no step that merges", activities(["coder", "documenter"], done, pending), 0, false],
  ])("has work behind it only where a later step is open: %s", (_name, run, from, expected) => {
    expect(hasWorkBehindMerge(run, from, stepKinds)).toBe(expected);
  });

  it("the last of several merges counts; -1 without one", () => {
    expect(mergeIndex(newRun(["merger", "coder", "merger", "documenter"]), stepKinds)).toBe(2);
    expect(mergeIndex(newRun(["coder"]), stepKinds)).toBe(-1);
  });
});

describe("a run may have an environment", () => {
  const asked = (kind: string, patch: { effects?: number; attempt?: number }) => ({
    steps: newRun(["coder", kind]).steps.map((step) => ({ ...step, ...patch })),
  });

  it.each<[string, string, { effects?: number; attempt?: number }, boolean]>([
    ["a deployer that has asked", "deployer", { effects: 1 }, true],
    ["one that asked in an earlier attempt", "deployer", { effects: 0, attempt: 2 }, true],
    ["one that has not begun", "deployer", {}, false],
    ["other steps, however much they asked", "researcher", { effects: 3, attempt: 2 }, false],
  ])("only by a step that makes one: %s", (_name, kind, patch, expected) => {
    expect(mayHaveEnvironment(asked(kind, patch), stepKinds)).toBe(expected);
  });
});
