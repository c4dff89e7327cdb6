import { verdictSchema, type Check, type HumanAnswer, type StepState } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import {
  check,
  definition,
  inputWith,
  finished,
  lost,
  observed,
  openWaitOn,
  output,
  play,
  preset,
  probe,
  pullRequest,
  refusal,
  registries,
  sha,
  type Play,
} from "../../run/decide/decider.fixture.js";
import { currentStep } from "../../run/model/due.logic.js";
import { ciGate } from "./gates/ci.js";
import { conflictsGate } from "./gates/conflicts.js";
import { createGateStep } from "./index.js";
import { gateStateOf, type GateState } from "./state.js";

const red = [check("failure", "test", "1 != 2")];
const pending = [check(null)];
const ci = (facts = {}): Play => play(["ci"], { pullRequest }, facts);
const conflicts = (): Play => play(["conflicts"], { pullRequest });
function gate(run: Play, index = run.run.cursor): GateState {
  const state = gateStateOf(run.run.steps[index]?.state ?? { kind: "none" });
  if (state === null) throw new Error("that step is no gate");
  return state;
}
const request = (run: Play) => {
  const { activity } = currentStep(run.run);
  return activity.is === "effect" ? activity.effect.request : null;
};
const briefs = (run: Play) => {
  const asked = request(run);
  return asked?.do === "start-job" ? asked.briefs : [];
};

describe("looking", () => {
  it("asks the forge for the pull request, and for its checks only where the gate judges them", () => {
    expect(request(ci())).toEqual({ do: "probe", gate: "ci", pullRequest, checks: true });
    expect(request(conflicts())).toEqual({ do: "probe", gate: "conflicts", pullRequest, checks: false });
    expect(ci().key).toBe("run_1/0/1/probe.1");
  });

  it("without a pull request there is nothing to look at: it passes without a verdict", () => {
    const run = play(["ci"]);
    expect(run.run.phase.is).toBe("done");
    expect(gate(run).verdict).toBeNull();
  });

  it("begins with nothing used up and the preset's budget, which it keeps when the preset changes", () => {
    const run = ci();
    expect(gate(run)).toEqual({
      kind: "gate",
      gate: "ci",
      budget: 2,
      attempts: 0,
      updates: 0,
      sentFor: null,
      watching: null,
      verdict: null,
      log: [],
      evictions: { crash: 0, transient: 0 },
    });
    run.returns(probe({}, red));
    run.input = inputWith({ preset: { ...preset, ciMaxAttempts: 9 } });
    run.works(finished("tried"));
    expect(gate(run).budget).toBe(2);
  });

  it("a gate visited again keeps the budget it was given first", () => {
    const run = play(["conflicts", "ci"], { pullRequest });
    run.returns(probe());
    run.input = inputWith({ preset: { ...preset, ciMaxAttempts: 9 } });
    run.returns(probe({ mergeability: "conflicted" }));
    expect(run.run.cursor).toBe(0);
    run.returns(probe());
    expect(gate(run, 1).budget).toBe(2);
  });

  it("a pull request that is merged already passes; a closed one fails the run", () => {
    const merged = ci();
    merged.returns(probe({ state: "merged" }, red));
    expect(merged.run.phase.is).toBe("done");
    const closed = ci();
    closed.returns(probe({ state: "closed" }));
    expect(closed.run.phase).toMatchObject({ failure: { kind: "gate_exhausted", code: "pull_request_closed", detail: null } });
  });

  it("an answer to something it did not ask is no answer", () => {
    const run = ci();
    expect(run.returns({ of: "merge", result: { is: "refused", because: "checks", message: "" } })).toEqual([]);
    expect(run.again).toBe(true);
  });
});

describe("a verdict", () => {
  it("holds what was looked at: head, base, settings, checks, time; people approve exactly that head on that base", () => {
    const run = play([{ kind: "ci", approval: { approvers: 1 } }], { pullRequest });
    run.at = 1200;
    run.returns(probe());
    expect(gate(run).verdict).toMatchObject({
      gate: "ci",
      head: sha("2"),
      base: sha("b"),
      settings: "policy-1",
      observed: [check("success")],
      says: "green",
      at: 1200,
    });
    expect(currentStep(run.run).activity).toMatchObject({ wait: { subject: `${sha("2")}+${sha("b")}`, output: null } });
  });

  it("is recorded when it changes and not once more for every look", () => {
    const run = ci({ checkPolicyDigest: "policy-1" });
    const look = (checks: readonly Check[], head = "2", base = "b") => {
      run.at += 10;
      return run.returns(probe({ head: sha(head), baseHead: sha(base) }, checks)).length;
    };
    expect(look(pending)).toBe(1);
    expect(look(pending)).toBe(0);
    expect(look([])).toBe(1);
    expect(look([check("skipped")])).toBe(1);
    expect(look([check("skipped")], "3")).toBe(1);
    expect(look([check("skipped")], "3", "c")).toBe(1);
    run.input = inputWith({ checkPolicyDigest: "policy-2" });
    expect(look([check("skipped")], "3", "c")).toBe(1);
    expect(look([check("skipped")], "3", "c")).toBe(0);
  });

  it("that says something else is another verdict, also when a gate gives the same reason", () => {
    let says: "pending" | "unknown" = "pending";
    const step = createGateStep([{ ...ciGate, judge: () => ({ says, because: "as ever" }) }]);
    const run = ci();
    const context = { run: run.run, index: 0, step: currentStep(run.run), input: run.input, at: 1 };
    const look = (stateOf: StepState) => step.onResult(context, stateOf, probe()).facts ?? [];
    const known = look(currentStep(run.run).state).reduce((stateOf, fact) => step.fold(stateOf, fact), currentStep(run.run).state);
    expect(look(known)).toEqual([]);
    says = "unknown";
    expect(look(known)).toMatchObject([{ is: "verdict", verdict: { says: "unknown" } }]);
  });

  it("of many failing checks still fits its shape, also after a fixer changed nothing", () => {
    const many = Array.from({ length: 100 }, (_, at) => check("failure", `${at}-${"n".repeat(200)}`, "s".repeat(4000)));
    const run = ci();
    run.returns(probe({}, many));
    expect(briefs(run)[0]?.text).toHaveLength(8000);
    run.works(finished("no idea", observed({ commits: 0 })));
    run.returns(probe({}, many));
    expect(verdictSchema.parse(gate(run).verdict).because.length).toBeLessThanOrEqual(4000);
  });
});

describe("patience", () => {
  it("a head that stays pending or unknown is watched for an hour from its first verdict, and then fails the run", () => {
    const run = ci();
    run.at = 5000;
    run.returns(probe({}, pending));
    run.at = 5000 + 3_600_000 - 1;
    expect(run.returns(probe({}, []))).toHaveLength(1);
    expect(run.run.phase.is).toBe("live");
    run.at += 1;
    run.returns(probe({}, []));
    expect(run.run.phase).toMatchObject({ failure: { kind: "timeout", code: "gate_timeout", detail: null } });
  });

  it("a new head starts the clock again", () => {
    const run = ci();
    run.returns(probe({}, pending));
    run.at += 3_599_000;
    run.returns(probe({ head: sha("3") }, pending));
    run.at += 3_599_000;
    run.returns(probe({ head: sha("3") }, pending));
    expect(run.run.phase.is).toBe("live");
    expect(gate(run).watching).toEqual({ head: sha("3"), since: 1000 + 3_599_000 });
  });
});

describe("the helper", () => {
  it("is told which checks fail where, and what was tried before", () => {
    const run = ci();
    run.returns(probe({}, [...red, check("success", "lint"), check("failure", "types")]));
    expect(request(run)).toMatchObject({ do: "start-job", kind: "ci-fixer" });
    expect(run.key).toBe("run_1/0/1/ci-fixer.2");
    expect(briefs(run)).toEqual([
      { from: "ci", text: `test (failure) at ${sha("2").slice(0, 10)}\n1 != 2\n\ntypes (failure) at ${sha("2").slice(0, 10)}\n` },
    ]);
    run.at = 2000;
    run.works(finished("I tried this"));
    expect(gate(run).log).toEqual([{ attempt: 1, at: 2000, outcome: "completed", head: sha("2"), summary: "I tried this" }]);
    run.returns(probe({ head: sha("3") }, red));
    expect(briefs(run).slice(1)).toEqual([
      { from: "earlier attempts", text: `attempt 1 at ${sha("2").slice(0, 10)}, completed: I tried this` },
    ]);
  });

  it("sees the end of a long history, as much as fits a brief", () => {
    const run = ci({ preset: { ...preset, ciMaxAttempts: 9 } });
    for (let attempt = 0; attempt < 6; attempt += 1) {
      run.returns(probe({ head: sha(String(attempt)) }, red));
      run.works({
        of: "job",
        outcome: { is: "failed", code: "crashed", message: `${attempt}`.repeat(5000), detail: null, observed: null },
      });
    }
    run.returns(probe({ head: sha("7") }, red));
    expect(gate(run).log[5]).toMatchObject({ outcome: "failed", summary: `crashed: ${"5".repeat(3991)}` });
    expect(briefs(run)[1]?.text).toHaveLength(8000);
    expect(briefs(run)[1]?.text.endsWith("5")).toBe(true);
  });

  it("is never sent while the gate is green, pending or unknown", () => {
    for (const checks of [pending, [], [check("skipped")], [check("success")]]) {
      const run = ci();
      run.returns(probe({}, checks));
      expect(gate(run).attempts).toBe(0);
    }
  });

  it("after it was sent for a head only another head can pass; a green check on the old one counts as an attempt", () => {
    const run = ci();
    run.returns(probe({}, red));
    run.works(finished("done"));
    run.returns(probe());
    expect(gate(run)).toMatchObject({ attempts: 2, verdict: { says: "red", head: sha("2") } });
    run.works(finished("done"));
    run.returns(probe({ head: sha("3") }));
    expect(run.run.phase.is).toBe("done");
  });

  it("is sent as often as the budget says; then the run fails with the whole history", () => {
    const run = ci();
    for (const head of ["2", "3"]) {
      run.returns(probe({ head: sha(head) }, red));
      run.works(finished(`tried at ${head}`));
    }
    run.returns(probe({ head: sha("4") }, red));
    const [short2, short3] = [sha("2").slice(0, 10), sha("3").slice(0, 10)];
    expect(run.run.phase).toMatchObject({
      failure: {
        kind: "gate_exhausted",
        code: "ci_exhausted",
        detail: `attempt 1 at ${short2}, completed: tried at 2\nattempt 2 at ${short3}, completed: tried at 3`,
      },
    });
    expect(gate(run)).toMatchObject({ attempts: 2, verdict: { head: sha("4"), says: "red" } });
  });

  it("with no budget is not sent at all", () => {
    const run = ci({ preset: { ...preset, ciMaxAttempts: 0 } });
    run.returns(probe({}, red));
    expect(run.run.phase).toMatchObject({ failure: { code: "ci_exhausted", detail: "" } });
  });

  it("whose work does not count is an attempt that failed", () => {
    const run = ci();
    run.returns(probe({}, red));
    run.works(finished("all done", observed({ commits: 0 })));
    expect(gate(run).log).toMatchObject([{ outcome: "failed", summary: expect.stringMatching(/^nothing_committed: /) }]);
  });

  it("that was lost is sent again with the same brief and burns no attempt, once for a crash and five times for a host taken away (W-39)", () => {
    for (const [transient, times] of [
      [false, 1],
      [true, 5],
    ] as const) {
      const run = ci();
      run.returns(probe({}, red));
      const first = briefs(run);
      for (let time = 0; time < times; time += 1) {
        run.works(lost(transient));
        expect(request(run)).toMatchObject({ do: "start-job", kind: "ci-fixer" });
        expect(briefs(run)).toEqual(first);
        expect(run.key).toBe(`run_1/0/1/ci-fixer.${time + 3}`);
      }
      expect(gate(run).attempts).toBe(1);
      run.works(lost(transient));
      expect(run.run.phase).toMatchObject({ failure: { kind: "evicted", code: "job_lost", detail: null } });
      expect(gate(run).evictions).toEqual(transient ? { crash: 0, transient: 6 } : { crash: 2, transient: 0 });
    }
  });
});

describe("a branch that is behind its base", () => {
  it("is brought up to date before it is judged, and is looked at again, whatever the update said", () => {
    const run = ci();
    run.returns(probe());
    const behind = ci();
    expect(behind.returns(probe({ behind: true }, red)).map((event) => event.type)).toEqual(["fact-recorded", "effect-requested"]);
    expect(behind.key).toBe("run_1/0/1/update.2");
    expect(request(behind)).toEqual({ do: "update-branch", pullRequest, head: sha("2") });
    behind.returns({ of: "update-branch", result: { is: "head-moved" } });
    expect(request(behind)).toMatchObject({ do: "probe" });
    behind.returns(probe({ head: sha("3") }));
    expect(behind.run.phase.is).toBe("done");
  });

  it("voids the verdict it had", () => {
    const run = ci();
    run.returns(probe({}, pending));
    run.returns(probe({ behind: true }));
    expect(gate(run)).toMatchObject({ verdict: null, updates: 1 });
  });

  it("is not touched while the forge does not know whether it merges cleanly", () => {
    const run = conflicts();
    run.returns(probe({ behind: true, mergeability: "unknown" }));
    expect(gate(run)).toMatchObject({ updates: 0, verdict: { says: "pending" } });
    expect(run.again).toBe(true);
  });

  it("is updated ten times, and then the run fails: the base keeps moving", () => {
    const run = ci();
    for (let update = 0; update < 10; update += 1) {
      run.returns(probe({ behind: true }));
      run.returns({ of: "update-branch", result: { is: "current", head: sha("2") } });
    }
    expect(run.run.phase.is).toBe("live");
    run.returns(probe({ behind: true }));
    expect(run.run.phase).toMatchObject({ failure: { kind: "gate_exhausted", code: "base_keeps_moving" } });
  });
});

describe("a conflict with the base", () => {
  it("is the conflicts gate's own business: its helper resolves it, three times at most", () => {
    const run = conflicts();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      run.returns(probe({ mergeability: "conflicted", conflicts: ["a.ts", "b.ts"] }));
      expect(request(run)).toMatchObject({ do: "start-job", kind: "conflict-resolver" });
      expect(briefs(run)[0]).toEqual({ from: "conflicts", text: expect.stringContaining("a.ts, b.ts") });
      run.works(finished("resolved"));
    }
    run.returns(probe({ mergeability: "conflicted" }));
    expect(run.run.phase).toMatchObject({ failure: { code: "conflicts_exhausted" } });
  });

  it("goes back from CI to the conflicts gate before it, ten times at most", () => {
    const run = play(["documenter", "conflicts", "ci"], { pullRequest });
    run.returns({ of: "ask-agent", answer: { output: output("docs"), excerpt: "", product: { is: "none" }, question: null, model: null } });
    for (let time = 0; time < 10; time += 1) {
      run.returns(probe());
      run.returns(probe({}, pending));
      const [learnt, sentBack] = run.returns(probe({ mergeability: "conflicted" }));
      expect(learnt).toMatchObject({ fact: { is: "behind", head: sha("2"), base: sha("b") } });
      expect(sentBack).toMatchObject({ type: "rework-requested", step: 2, from: 1, to: 2, revision: null });
      expect(gate(run, 2)).toMatchObject({ updates: time + 1, verdict: null, budget: 2 });
    }
    run.returns(probe());
    run.returns(probe({ mergeability: "conflicted" }));
    expect(run.run.phase).toMatchObject({ failure: { code: "conflicted" } });
  });

  it("fails the run where no conflicts gate stands before CI, and after it does not count", () => {
    for (const steps of [["ci"], ["ci", "conflicts"]]) {
      const run = play(steps, { pullRequest });
      run.returns(probe({ mergeability: "conflicted", conflicts: ["a.ts"] }));
      expect(run.run.phase).toMatchObject({
        failure: { kind: "gate_exhausted", code: "conflicted", message: expect.stringContaining("a.ts") },
      });
    }
  });
});

describe("what the conflicts gate says", () => {
  const says = (mergeability: "clean" | "conflicted" | "unknown", files: string[] = []) => {
    const result = probe({ mergeability, conflicts: files });
    if (result.of !== "probe") throw new Error("not a probe");
    return conflictsGate.judge({ state: result.state, checks: [], input: inputWith() });
  };

  it("green when clean, red when conflicted, pending while the forge does not know", () => {
    expect(says("clean").says).toBe("green");
    expect(says("unknown").says).toBe("pending");
    expect(says("conflicted")).toEqual({ says: "red", because: "the branch conflicts with its base" });
    expect(says("conflicted", ["a.ts", "b.ts"])).toEqual({ says: "red", because: "conflicts with the base in a.ts, b.ts" });
    expect(
      says(
        "conflicted",
        Array.from({ length: 20 }, () => "x".repeat(300)),
      ).because,
    ).toHaveLength(4000);
  });
});

describe("people at a gate", () => {
  it("send the change back to the step that made it, with the output it had", () => {
    const run = play(["architect", "coder", "documenter", { kind: "ci", approval: { approvers: 1 } }]);
    run.works(finished("design", observed({ commits: 0, treeChanged: false })));
    run.works(finished("code"));
    run.returns({ of: "ask-agent", answer: { output: output("docs"), excerpt: "", product: { is: "none" }, question: null, model: null } });
    run.returns(probe());
    run.answers({ answer: "request-changes", revision: { previous: null, feedback: "rename it", comments: [] } });
    expect(run.run.cursor).toBe(1);
    expect(run.run.steps[1]?.revision).toEqual({ previous: output("code"), feedback: "rename it", comments: [] });
    expect(run.glance).toBe("architect:done coder:effect documenter:pending ci:pending");
  });

  it("not to a later one", () => {
    const run = play(["coder", { kind: "ci", approval: { approvers: 1 } }, "coder"]);
    run.works(finished("code"));
    run.returns(probe());
    run.answers({ answer: "request-changes", revision: { previous: null, feedback: "x", comments: [] } });
    expect(run.run.cursor).toBe(0);
  });

  it("cannot where nothing before the gate makes changes", () => {
    const run = play(["architect", { kind: "ci", approval: { approvers: 1 } }], { pullRequest });
    run.works(finished("design", observed({ commits: 0, treeChanged: false })));
    run.returns(probe());
    const changes: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "x", comments: [] } };
    expect(refusal(() => run.answers(changes))).toEqual({ code: "wait_mismatch", fix: true });
  });
});

describe("the registry of gates", () => {
  it("refuses a state of a gate that is not registered, and other steps are no gates", () => {
    const step = createGateStep([ciGate]);
    const run = play(["coder", "conflicts"]);
    run.works(finished("code"));
    const { state } = currentStep(run.run);
    const context = { run: run.run, index: 1, step: currentStep(run.run), input: run.input, at: 1 };
    expect(refusal(() => step.enter(context, state))).toEqual({ code: "stored_shape_invalid", fix: true });
    expect(gateStateOf({ kind: "inline" })).toBeNull();
    const wait = openWaitOn("approval");
    expect(refusal(() => step.answered(context, state, wait, { answer: "proceed" })).code).toBe("wait_mismatch");
  });
});

describe("what is compared between repairs", () => {
  const failing = (...told: readonly (string | null)[]) => told.map((summary, at) => check("failure", `test ${at}`, summary));
  /** Red on head after head with these checks, repaired in between, until it ends or four looks are over. */
  function repaired(rounds: readonly (readonly Check[])[], flags = [1]): Play {
    const run = play(["ci"], { pullRequest, flags }, { preset: { ...preset, ciMaxAttempts: 9 } });
    for (const [at, checks] of rounds.entries()) {
      if (at > 0) run.works(finished("tried", observed({ headAfter: sha(`${at + 3}`), remoteHead: sha(`${at + 3}`) })));
      run.returns(probe({ head: sha(`${at + 3}`) }, checks));
    }
    return run;
  }

  it("the same checks failing with the same words, in whatever order, on four heads end the gate", () => {
    const [one, other] = failing("a", "b");
    if (one === undefined || other === undefined) throw new Error("two checks");
    const run = repaired([
      [one, other],
      [other, one],
      [one, other],
      [other, one],
    ]);
    expect(run.run.phase).toMatchObject({ failure: { code: "ci_exhausted", message: expect.stringContaining("on 4 heads") as string } });
    expect(repaired([[one], [one], [one], [other]]).run.phase.is).toBe("live");
  });

  it("what one check says ends where the next begins", () => {
    const split = [check("failure", "a", "b\nc (failure): d")];
    const apart = [check("failure", "a", "b"), check("failure", "c", "d")];
    expect(repaired([split, split, split, apart]).run.phase.is).toBe("failed");
    const joined = [check("failure", "a", "bc (failure): d")];
    expect(repaired([joined, joined, joined, apart]).run.phase.is).toBe("live");
  });

  it("one check that says nothing of why it failed cannot be compared, whatever the others say", () => {
    for (const blank of [null, " "]) {
      const checks = failing("a", blank);
      expect(repaired([checks, checks, checks, checks]).run.phase.is).toBe("live");
    }
  });

  it("a gate that reads no checks is told by its heads alone", () => {
    const run = play(["conflicts"], { pullRequest, flags: [1] });
    const events = run.returns(probe({ mergeability: "conflicted" }));
    expect(events).toContainEqual({
      type: "fact-recorded",
      step: 0,
      fact: { is: "helper-sent", head: sha("2"), helper: "conflict-resolver", failing: null },
    });
  });

  it("a run that remembers no repairs yet has none in vain", () => {
    const run = play(["ci"], { pullRequest, flags: [1] });
    const state = gate(run);
    expect(state.repairs).toBeUndefined();
    const step = createGateStep([ciGate]);
    const context = { run: run.run, index: 0, step: currentStep(run.run), input: run.input, at: 1 };
    expect(step.onResult(context, state, probe({}, red))).toMatchObject({ to: "effect", phase: "ci-fixer" });
  });
});

it("goes back to the conflicts gate itself, not to whatever stands between", () => {
  const run = play(["conflicts", "documenter", "ci"], { pullRequest });
  run.returns(probe());
  run.returns({ of: "ask-agent", answer: { output: output("docs"), excerpt: "", product: { is: "none" }, question: null, model: null } });
  run.returns(probe({ mergeability: "conflicted" }));
  expect(run.run.cursor).toBe(0);
});

it("a gate that is not registered sends its own kind and no helper", () => {
  const kind = registries.kinds.get("conflicts");
  if (kind === null) throw new Error("no conflicts gate");
  expect(createGateStep([ciGate]).dispatches?.(definition("conflicts"), kind)).toEqual(["conflicts"]);
  expect(createGateStep([conflictsGate]).dispatches?.(definition("conflicts"), kind)).toEqual(["conflict-resolver"]);
});
