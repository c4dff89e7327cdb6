import type { Block, HumanAnswer, MergeRecord } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { createAgentKinds } from "@millrace/agents";
import { describe, expect, it } from "vitest";
import { openWait } from "../model/due.logic.js";
import {
  agentAnswer,
  answers,
  checkRun,
  type DeciderSpec,
  fails,
  finishedJob,
  given,
  hasStopped,
  jobReturns,
  outputRef,
  probeResult,
  pullRequest,
  returns,
  sha,
  stops,
  unchangedWork,
  validProduct,
} from "../../spec/index.js";
import { taskBlock, testUser } from "../../spec/defaults.js";
import { ENGINE } from "../../platform/actor.logic.js";
import { raiseNotification } from "../model/notification.logic.js";
import { DEFAULT_PATIENCE, OUTAGE_PAUSE_MS, type Patience } from "../model/decision-input.js";

const patience: Patience = { jobPollMs: 15, jobMs: 1000, gatePollMs: 30, gateMs: 600, stopMs: 600, retryMs: 100, maxRetryMs: 450 };
const approve: HumanAnswer = { answer: "approve", edited: null };
const record: MergeRecord = { pullRequest, commit: sha("e"), head: sha("2"), base: sha("b"), at: 5, runId: "run_0" };

const of = <C extends Change["change"]>(spec: DeciderSpec, change: C): Extract<Change, { change: C }>[] =>
  spec.changes.filter((one): one is Extract<Change, { change: C }> => one.change === change);
const patchOf = (spec: DeciderSpec) => of(spec, "patch-block")[0]?.patch;
const notificationsOf = (spec: DeciderSpec) => of(spec, "raise-notification").map((one) => one.notification);
const wakeOf = (spec: DeciderSpec) => of(spec, "wake")[0]?.at ?? null;

const asking = (facts = {}): DeciderSpec => given(["researcher", "documenter"], { input: { patience, ...facts } });
const says = (spec: DeciderSpec, text = "options") => spec.when(returns(agentAnswer(text))).events;
function waiting(): DeciderSpec {
  const spec = given([{ kind: "researcher", approval: { approvers: 1 } }, "documenter"], { input: { patience } });
  says(spec);
  return spec;
}
/** Coder, CI and merger, up to the merger's answer. */
function merging(score: object, patch: Partial<Block> = {}): DeciderSpec {
  const spec = given(["coder", "ci", "merger"], { input: { patience, block: { ...taskBlock, ...patch } } });
  spec.when(jobReturns(finishedJob("done")));
  spec.when(returns(probeResult()));
  spec.when(returns(probeResult()));
  spec.when(
    jobReturns(finishedJob("scored", unchangedWork, validProduct({ complexity: 0, risk: 0, impact: 0, rationale: "looked", ...score }))),
  );
  return spec;
}

describe("what the block shows", () => {
  it("a live run works on it, and its progress is the steps that are done", () => {
    const spec = asking();
    const patch = { progress: 0, runId: "run_1", status: "in_progress", confidence: null };
    expect(of(spec, "patch-block")).toEqual([{ change: "patch-block", workspaceId: "ws_1", id: "blk_1", patch }]);
    says(spec);
    expect(patchOf(spec)).toEqual({ progress: 0.5, runId: "run_1", status: "in_progress" });
  });

  it("a run that waits for a person blocks it, and one that waits for a merge has its pull request ready", () => {
    expect(patchOf(waiting())).toMatchObject({ status: "blocked" });
    expect(patchOf(merging({ risk: 1 }))).toMatchObject({ status: "pr_ready", pullRequest });
  });

  it("a failed run leaves it blocked where it was", () => {
    const spec = asking();
    says(spec);
    spec.when(fails(false));
    expect(patchOf(spec)).toEqual({ progress: 0.5, runId: "run_1", status: "blocked" });
  });

  it("a stopping run changes nothing yet; a cancelled one gives it back to the plan", () => {
    const spec = asking({ block: { ...taskBlock, status: "ready" } });
    says(spec);
    spec.when(stops("cancelled"));
    expect(patchOf(spec)).toMatchObject({ status: "ready", runId: "run_1" });
    spec.when(hasStopped());
    expect(patchOf(spec)).toEqual({ progress: 0, runId: null, status: "planned" });
  });

  it("F:E2 a finished run that delivered no change leaves its task done, and asks nobody to merge it", () => {
    const spec = asking();
    says(spec);
    says(spec);
    expect(patchOf(spec)).toEqual({ progress: 1, runId: "run_1", status: "done" });
    expect(notificationsOf(spec)).toEqual([]);
  });

  it("F:E2 a finished run with a pull request leaves its task to be merged, with the command that merges it", () => {
    const spec = given(["researcher"], { run: { pullRequest }, input: { patience } });
    spec.when(returns(agentAnswer("options")));
    expect(patchOf(spec)).toMatchObject({ progress: 1, status: "pr_ready" });
    expect(notificationsOf(spec)).toMatchObject([
      { type: "pipeline_complete", body: expect.stringContaining("millrace merge blk_1") as string },
    ]);
  });

  it("a finished run leaves a service done", () => {
    const service = asking({ block: { ...taskBlock, level: "service" } });
    says(service);
    says(service);
    expect(patchOf(service)).toMatchObject({ status: "done" });
    expect(notificationsOf(service)).toEqual([]);
  });

  it("the merge itself makes it done and is recorded there once, with its commit", () => {
    const spec = merging({});
    spec.now = 77;
    spec.when(returns({ of: "merge", result: { is: "merged", commit: sha("f"), head: sha("2"), base: sha("b") } }));
    const merged = { pullRequest, commit: sha("f"), head: sha("2"), base: sha("b"), at: 77, runId: "run_1" };
    expect(patchOf(spec)).toEqual({ progress: 1, runId: "run_1", pullRequest, merged, status: "done" });
    expect(spec.run.merged).toBe(sha("f"));
  });

  it("once merged it stays done, whatever a later step or a later run does (W-27)", () => {
    const before = given(["researcher"], { run: { merged: sha("e") } });
    before.when(fails(false));
    expect(patchOf(before)).toMatchObject({ status: "done", progress: 1 });
    expect(patchOf(before)).not.toHaveProperty("merged");
    const other = asking({ block: { ...taskBlock, merged: record } });
    other.when(stops("cancelled"));
    other.when(hasStopped());
    expect(patchOf(other)).toEqual({ status: "done", progress: 1, runId: null });
  });
});

describe("notifications", () => {
  it.each([
    ["an approval", waiting, "approval_required"],
    ["a merge", () => merging({ risk: 1 }), "merge_review"],
    [
      "a decision",
      () => {
        const spec = asking();
        spec.when(returns(agentAnswer("?", { question: { question: "which?", options: [] } })));
        return spec;
      },
      "decision_required",
    ],
  ])("%s raises its own, in the commit that parks the run", (_name, park, type) => {
    const spec = park();
    const wait = openWait(spec.run);
    expect(notificationsOf(spec)).toEqual([
      {
        id: wait?.id,
        type,
        title: "a task: waiting for you",
        body: wait?.question,
        workspaceId: "ws_1",
        blockId: "blk_1",
        runId: "run_1",
        status: "open",
        severity: "normal",
        createdAt: 1000,
        urgentAt: 1000 + 120 * 60_000,
        resolvedAt: null,
      },
    ]);
  });

  it("a cap raises a decision", () => {
    const spec = given(["architect", "architect-companion"]);
    for (let round = 0; round < 4; round += 1) {
      spec.when(jobReturns(finishedJob("design", unchangedWork)));
      spec.when(returns(agentAnswer("grade", validProduct({ rating: 0, summary: "no" }))));
    }
    expect(notificationsOf(spec)).toMatchObject([{ type: "decision_required" }]);
  });

  it("an agreement of one of several people touches no notification", () => {
    const spec = given([{ kind: "researcher", approval: { approvers: 2 } }]);
    says(spec);
    spec.when(answers(approve));
    expect(spec.changes.map((change) => change.change)).toEqual(["patch-block", "leave-landing-queue", "unwake"]);
  });

  it("an answer resolves its notification as acted, also when it finishes the run", () => {
    const goesOn = waiting();
    goesOn.when(answers(approve));
    expect(of(goesOn, "resolve-notification")).toMatchObject([{ workspaceId: "ws_1", id: "run_1.0.1.1", as: "acted", at: 1000 }]);
    const ends = given([{ kind: "researcher", approval: { approvers: 1 } }]);
    says(ends);
    ends.when(answers(approve));
    expect(of(ends, "resolve-notification")).toMatchObject([{ as: "acted" }]);
  });

  it("each brings the event that announces it, by the actor of the transition", () => {
    const run = waiting();
    const subject = { notificationId: "run_1.0.1.1", notificationType: "approval_required", blockId: "blk_1", runId: "run_1" };
    const raised = { type: "notification-raised", ...subject, severity: "normal", title: "a task: waiting for you" };
    expect(of(run, "raise-notification")[0]?.event).toEqual({ version: 1, at: 1000, actor: ENGINE, event: raised });
    run.when(answers(approve));
    const resolved = { type: "notification-resolved", ...subject, as: "acted" };
    expect(of(run, "resolve-notification")[0]?.event).toEqual({
      version: 1,
      at: 1000,
      actor: { type: "human", id: "ada" },
      event: resolved,
    });
  });

  it("a stop dismisses the notification, and a reject too: neither asks again", () => {
    const stopped = waiting();
    stopped.when(stops("failed"));
    expect(of(stopped, "resolve-notification")).toMatchObject([{ as: "dismissed" }]);
    stopped.when(hasStopped());
    expect(stopped.changes.map((change) => change.change)).toEqual(["patch-block", "leave-landing-queue", "delete-activations", "unwake"]);
    const rejected = waiting();
    rejected.when(answers({ answer: "reject", reason: "no" }));
    expect(of(rejected, "resolve-notification")).toMatchObject([{ as: "dismissed" }]);
    expect(notificationsOf(rejected)).toEqual([]);
  });

  it("one approval straight after another resolves the first notification and raises the second", () => {
    const spec = given([
      { kind: "researcher", approval: { approvers: 1 } },
      { kind: "ci", approval: { approvers: 1 } },
    ]);
    says(spec);
    spec.when(answers(approve));
    expect(of(spec, "resolve-notification")).toMatchObject([{ id: "run_1.0.1.1", as: "acted" }]);
    expect(notificationsOf(spec)).toMatchObject([{ id: "run_1.1.1.1" }]);
  });

  it("a task that finished unmerged asks for a look, once; a merged one does not", () => {
    const spec = given(["coder"]);
    spec.when(jobReturns(finishedJob("done")));
    expect(notificationsOf(spec)).toMatchObject([{ id: "run_1/end", type: "pipeline_complete" }]);
    const merged = merging({});
    merged.when(returns({ of: "merge", result: { is: "merged", commit: sha("f"), head: sha("2"), base: sha("b") } }));
    expect(notificationsOf(merged)).toEqual([]);
  });

  it("a failed run asks for a look in its own words, with what to do next", () => {
    const spec = asking();
    spec.when(fails(false));
    expect(notificationsOf(spec)).toMatchObject([{ id: "run_1/end", type: "run_failed", body: expect.stringMatching(/^broken\n.*retry/) }]);
  });

  it.each([
    ["ci", [checkRun("failure")], {}, "ci_failed"],
    ["conflicts", [], { mergeability: "conflicted" }, "conflicts_failed"],
  ] as const)("a %s gate that gave up has a notification of its own type", (kind, checks, state, type) => {
    const spec = given([kind], { run: { pullRequest }, input: { preset: { ...merging({}).input.preset, ciMaxAttempts: 3 } } });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      spec.when(returns(probeResult(state, checks)));
      spec.when(jobReturns(finishedJob("tried")));
    }
    spec.when(returns(probeResult(state, checks)));
    expect(notificationsOf(spec)).toMatchObject([{ type }]);
  });

  it("texts of a notification fit its shape", () => {
    const long = given(["coder"], { input: { block: { ...taskBlock, title: "t".repeat(400) } } });
    long.when(
      jobReturns({ of: "job", outcome: { is: "failed", code: "crashed", message: "m".repeat(9000), detail: null, observed: null } }),
    );
    expect(notificationsOf(long)[0]?.title).toHaveLength(300);
    expect(notificationsOf(long)[0]?.body.length).toBeLessThanOrEqual(8000);
    const draft = { id: "n", type: "run_failed", title: "t", body: "b".repeat(9000) };
    const raised = raiseNotification(long.run, long.input, { at: 1 }, draft);
    expect(raised.change === "raise-notification" && raised.notification.body).toHaveLength(8000);
  });
});

describe("wake-ups: a live run without an open wait always has one (I5)", () => {
  it("an effect is due at once, a retry after a delay that doubles up to its limit", () => {
    const spec = asking();
    expect(of(spec, "wake")).toEqual([{ change: "wake", workspaceId: "ws_1", runId: "run_1", at: 1000 }]);
    const delays = [1, 2, 3, 4].map(() => {
      spec.when(fails(true));
      return (wakeOf(spec) ?? 0) - 1000;
    });
    expect(delays).toEqual([100, 200, 400, 450]);
  });

  it("a job is looked at every poll interval, and one that cannot be read after the retry delay", () => {
    const spec = given(["architect"], { input: { patience } });
    spec.when(returns({ of: "start-job", handle: { key: spec.key, ref: "r", model: null } }));
    expect(wakeOf(spec)).toBe(1015);
    spec.when(fails(true));
    expect(wakeOf(spec)).toBe(1100);
    spec.when(fails(true));
    expect(wakeOf(spec)).toBe(1200);
  });

  it("a gate that waits is looked at again after its own interval, whatever was tried before", () => {
    const spec = given(["ci"], { run: { pullRequest }, input: { patience } });
    spec.when(returns(probeResult({}, [checkRun(null)])));
    expect(spec.pollAgain).toBe(true);
    expect(wakeOf(spec)).toBe(1030);
  });

  it("a stop is due at once", () => {
    const spec = asking();
    spec.now = 1700;
    spec.when(stops("failed"));
    expect(wakeOf(spec)).toBe(1700);
  });

  it("a service that is out of order is tried for 20 quick tries, then every 15 minutes", () => {
    const spec = given(["architect"], { input: { patience } });
    spec.when(returns({ of: "start-job", handle: { key: spec.key, ref: "r", model: null } }));
    const delays = Array.from({ length: 21 }, () => (wakeOf(spec.when(fails(true, "unavailable"))) ?? 0) - 1000);
    expect(delays.slice(-2)).toEqual([450, OUTAGE_PAUSE_MS]);
  });

  it("a run that waits for a person has none, also while its environment is up; its end has one that takes it down", () => {
    const capabilities = { environments: true, tracker: false, releases: false, localTestInfrastructure: true };
    const made = returns({ of: "call", name: "provision", value: { is: "ready", output: { ...outputRef("up") }, provider: "p" } });
    const up = (approval: { approvers: number } | null) =>
      given([{ kind: "deployer", approval }], { input: { patience, capabilities } }).when(made);
    expect(of(up({ approvers: 1 }), "wake")).toEqual([]);
    expect(of(up(null), "wake")).toHaveLength(1);
  });

  it("a parked and a finished run have none", () => {
    const parked = waiting();
    expect(of(parked, "unwake")).toEqual([{ change: "unwake", workspaceId: "ws_1", runId: "run_1" }]);
    expect(wakeOf(parked)).toBeNull();
    const failed = asking();
    failed.when(fails(false));
    expect(of(failed, "unwake")).toHaveLength(1);
  });

  it("without settings a job is looked at every 15 s, a gate every 30 s; both give up after an hour or so; retries take 1 s to 1 min", () => {
    expect(DEFAULT_PATIENCE).toEqual({
      jobPollMs: 15_000,
      jobMs: 4_200_000,
      stopMs: 900_000,
      gatePollMs: 30_000,
      gateMs: 3_600_000,
      retryMs: 1000,
      maxRetryMs: 60_000,
    });
  });
});

describe("a pause", () => {
  const hold = { because: "quota", until: 9000, message: "used up until nine" } as const;
  const paused = (until: number | null = 9000): DeciderSpec => {
    const spec = asking();
    spec.when({ command: "hold", at: 5, actor: ENGINE, key: spec.key, hold: { ...hold, until } });
    return spec;
  };

  it("shows a notification that says why, wakes the run when it is over, and the notification is gone when it goes on", () => {
    const spec = paused();
    const id = `${spec.key}/hold`;
    expect(notificationsOf(spec)).toMatchObject([
      { id, type: "run_paused", title: "a task: paused", body: "used up until nine", status: "open" },
    ]);
    expect(wakeOf(spec)).toBe(9000);
    spec.when({ command: "release", at: 6, actor: ENGINE });
    expect(of(spec, "resolve-notification")).toMatchObject([{ workspaceId: "ws_1", id, as: "acted", at: 1000 }]);
    expect(notificationsOf(spec)).toEqual([]);
  });

  it("is told about once: what comes meanwhile and changes nothing tells nobody again", () => {
    const spec = paused();
    spec.when({ command: "failed", at: 6, actor: ENGINE, key: "another", code: "x", message: "", passing: true });
    expect(spec.events).toEqual([]);
    expect([...notificationsOf(spec), ...of(spec, "resolve-notification")]).toEqual([]);
  });

  it("is over for the person who ends it, by going on or by a stop", () => {
    const spec = paused().when({ command: "release", at: 6, actor: testUser });
    expect(of(spec, "resolve-notification")).toMatchObject([{ as: "acted", event: { actor: testUser } }]);
    const stopped = paused().when(stops("cancelled"));
    expect(of(stopped, "resolve-notification")).toMatchObject([{ id: `${stopped.key}/hold` }]);
  });

  it("without an end sets no wake-up; the other changes are those of any transition", () => {
    const spec = paused(null);
    expect(spec.changes.map(({ change }) => change)).toEqual(["patch-block", "raise-notification", "leave-landing-queue", "unwake"]);
    expect(asking().changes.map(({ change }) => change)).toEqual(["patch-block", "wake"]);
  });
});

it("F:C1 a run keeps its place in the landing queue while it works, and gives it up when it rests or ends", () => {
  const leaves = (spec: DeciderSpec): boolean => of(spec, "leave-landing-queue").length > 0;
  const job = given(["architect"]);
  expect(leaves(job)).toBe(false);
  job.when(returns({ of: "start-job", handle: { key: job.key, ref: "r", model: null } }));
  expect(leaves(job)).toBe(false);
  expect(leaves(job.when(stops("cancelled")))).toBe(true);
  expect(leaves(waiting())).toBe(true);
  expect(leaves(given(["researcher"], { run: { repository: null } }).when(fails(false)))).toBe(false);
});

describe("a pipeline that ends with a review", () => {
  const reviewed = (patch = {}, more: Partial<Block> = {}) => {
    const spec = given(["requirements-review"], { run: patch, input: { block: { ...taskBlock, ...more } } });
    spec.when(returns({ of: "call", name: "read-review", value: { description: "d", nextId: "rev_1", latest: null, carried: null } }));
    spec.when(returns(agentAnswer("fine", validProduct({ items: [] }))));
    return spec;
  };

  it("leaves its task ready to be worked on, and asks for no look", () => {
    const spec = reviewed();
    expect(patchOf(spec)).toMatchObject({ status: "ready" });
    expect(notificationsOf(spec)).toEqual([]);
  });

  it.each([
    ["this run has a pull request", { pullRequest }, {}],
    ["the task has one of an earlier run", {}, { pullRequest }],
  ])("unless %s: then there is something to merge", (_name, patch, more) => {
    const spec = reviewed(patch, more);
    expect(patchOf(spec)).toMatchObject({ status: "pr_ready" });
    expect(notificationsOf(spec).map(({ type }) => type)).toEqual(["pipeline_complete"]);
  });
});

describe("what else a block is told", () => {
  it("the estimate of its run", () => {
    const spec = given(["task-estimator"]);
    spec.when(returns(agentAnswer("small", validProduct({ complexity: 0.1, risk: 0.2, impact: 0.3 }))));
    expect(patchOf(spec)).toMatchObject({ estimate: { complexity: 0.1, risk: 0.2, impact: 0.3 } });
    expect(patchOf(asking())).not.toHaveProperty("estimate");
  });

  it("a service that was only mapped is ready for tasks; one that was worked on as well is done", () => {
    const mapped = (...steps: string[]): DeciderSpec => {
      const spec = given(steps, { input: { block: { ...taskBlock, level: "service" } } });
      for (const kind of steps) {
        if (kind === "blueprints") spec.when(jobReturns(finishedJob("map")));
        else says(spec);
      }
      return spec;
    };
    expect(patchOf(mapped("blueprints"))).toMatchObject({ status: "ready" });
    expect(patchOf(mapped("blueprints", "researcher"))).toMatchObject({ status: "done" });
    expect(patchOf(mapped("researcher"))).toMatchObject({ status: "done" });
  });

  it("a run whose last kind is not registered any more is done when it is", () => {
    const spec = given(["researcher"]);
    spec.input = { ...spec.input, kinds: createAgentKinds([]) };
    says(spec);
    expect(patchOf(spec)).toMatchObject({ status: "done" });
  });

  it("a run that ends in the transition it starts with asks for its look all the same", () => {
    expect(notificationsOf(given(["ci"], { input: { block: { ...taskBlock, pullRequest } } })).map(({ type }) => type)).toEqual([
      "pipeline_complete",
    ]);
  });
});
