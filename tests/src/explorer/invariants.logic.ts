/** The invariants, checked on every transition. Numbers are those of `docs/architecture.md`; P1, P5 and P9 are promises. */
import type { Run, RunEvent } from "@millrace/contracts";
import { heldEffect, currentStep, isLive, openWait, type Command } from "@millrace/orchestration";
import type { Change } from "@millrace/kernel";
import { overspent, ungrantedRounds } from "../samples/budgets.logic.js";
import { isEqual } from "./equal.logic.js";
import { PRESET, registries, type ExploredEngine } from "./engine.logic.js";
import type { Environment } from "./environment.logic.js";

/** I-numbers are invariants of the engine, P-numbers promises to users. */
export type Invariant = "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8" | "I9" | "I10" | "I11" | "I12" | "I13" | "P1" | "P5" | "P9";

/** An invariant that a transition, a state or a loop breaks, and how. */
export interface BrokenInvariant {
  readonly invariant: Invariant;
  readonly message: string;
}

/** One transition with its events and changes. `environment` is the one after it. */
export interface CheckedTransition {
  readonly before: Run;
  readonly after: Run;
  readonly events: readonly RunEvent[];
  readonly changes: readonly Change[];
  readonly command: Command;
  readonly environment: Environment;
  readonly environmentBefore: Environment;
}

export function brokenBy(transition: CheckedTransition, engine: ExploredEngine): readonly BrokenInvariant[] {
  return [
    ...oneJob(transition),
    ...merges(transition),
    ...finished(transition),
    ...neverStuck(transition),
    ...bounded(transition),
    ...inOrder(transition),
    ...folds(transition, engine),
    ...definitionsKept(transition),
    ...approvals(transition),
    ...helpers(transition),
  ];
}

function when(isBroken: boolean, invariant: Invariant, message: string): readonly BrokenInvariant[] {
  return isBroken ? [{ invariant, message }] : [];
}

function oneJob({ events, environmentBefore, environment, after }: CheckedTransition): readonly BrokenInvariant[] {
  const asked = events.flatMap(({ event }) => (event.type === "effect-requested" ? [event.effect] : []));
  const started = events.flatMap(({ event }) => (event.type === "job-started" ? [event.job.key] : []));
  return [
    ...when(environment.jobs.length > 1, "I2", `${environment.jobs.length} jobs run at once: ${environment.jobs.join(", ")}`),
    ...when(
      asked.some(({ request }) => request.do === "start-job") && environment.jobs.length > 0,
      "I2",
      `a job is asked for while ${environment.jobs.join(", ")} still runs`,
    ),
    ...asked
      .filter(({ key }) => environmentBefore.keys.includes(key))
      .map(({ key }) => ({ invariant: "I10", message: `key '${key}' is used for a second effect` }) as const),
    ...started
      .filter((key) => !environment.jobs.includes(key))
      .map((key) => ({ invariant: "I2", message: `job '${key}' is taken for started, and does not run` }) as const),
    ...when(
      after.phase.is !== "live" && after.phase.is !== "stopping" && environment.jobs.length > 0,
      "P9",
      `the run is ${after.phase.is} while job ${environment.jobs.join(", ")} still runs`,
    ),
  ];
}

/** A merge is requested only with evidence for exactly the head and base that would land, of a change that may land. */
function merges({ before, after, events, changes, environment, environmentBefore }: CheckedTransition): readonly BrokenInvariant[] {
  const broken: BrokenInvariant[] = [];
  for (const { event } of events) {
    if (event.type !== "effect-requested" || event.effect.request.do !== "merge") continue;
    const { head, base } = event.effect.request;
    const { proven } = environment;
    if (environmentBefore.isLanded) broken.push({ invariant: "I3", message: "a merge is asked for although the task has landed" });
    if (proven?.head !== head || proven.base !== base)
      broken.push({ invariant: "I3", message: `a merge of ${head} into ${base} is asked for without green CI for both` });
    if (environment.allowed !== environment.change)
      broken.push({ invariant: "I3", message: "a merge is asked for outside the thresholds and without the people it needs" });
  }
  const saysDone = changes.some((change) => change.change === "patch-block" && change.patch.status === "done");
  const hasLanded = environment.isLanded || environment.pullRequest === "merged";
  const ends = before.phase.is === "stopping" && !isLive(after) && after.pullRequest !== null;
  return [
    ...broken,
    ...when(saysDone && !hasLanded && environment.pullRequest !== "none", "I3", "the task is done, and the forge has not merged it"),
    ...when(ends && hasLanded && !saysDone, "I3", "the run ends, and what has landed is not on its task"),
  ];
}

function finished({ before, events }: CheckedTransition): readonly BrokenInvariant[] {
  const isOver = before.phase.is !== "live" && before.phase.is !== "stopping";
  return when(isOver && events.length > 0, "I4", `a ${before.phase.is} run emits ${events.map(({ event }) => event.type).join(", ")}`);
}

function neverStuck({ after, environment }: CheckedTransition): readonly BrokenInvariant[] {
  const wait = openWait(after);
  const isLive = after.phase.is === "live" || after.phase.is === "stopping";
  // Notifications of a run's end, a regression or a step without effect ask for no answer.
  const asked = environment.notifications.filter((id) => id !== `${after.id}/end` && !/\/(?:regression|without-effect)$/.test(id));
  const deployed = after.steps.some(({ state, effects, attempt }) => state.kind === "deployer" && (effects > 0 || attempt > 1));
  const held = heldEffect(after);
  if (held !== null)
    return [
      ...when(!asked.includes(`${held.key}/hold`), "I5", "the run is paused and no notification says so"),
      ...when(environment.wake !== (held.hold?.until !== null), "I5", "a pause has a wake-up unless it is for people to end"),
    ];
  if (wait !== null)
    return [
      ...when(!asked.includes(wait.id), "I5", `the run waits at '${wait.id}' and no notification asks for it`),
      ...when(environment.wake, "I5", "the run waits for a person and still has a wake-up"),
      ...when(asked.length > 1, "I5", `notifications of answered waits are still open: ${asked.join(", ")}`),
    ];
  return [
    ...when(isLive && !environment.wake, "I5", "a live run has neither an open wait nor a wake-up"),
    ...when(!isLive && environment.wake && !deployed, "I5", "a finished run still has a wake-up"),
    ...when(!isLive && !environment.wake && deployed, "I5", "nothing takes the environment of a finished run down"),
    ...when(asked.length > 0, "I5", `notifications are open that cannot be answered: ${asked.join(", ")}`),
  ];
}

function bounded({ before, after, events }: CheckedTransition): readonly BrokenInvariant[] {
  const given = events.filter(({ event }) => event.type === "human-answered" && event.answer.answer === "extra-round").length;
  return [
    ...overspent(after, { stepKinds: registries.stepKinds, preset: PRESET }).map((message) => ({ invariant: "I6", message }) as const),
    ...when(ungrantedRounds(before, after, given) > 0, "I6", "a companion has more rounds than people gave"),
  ];
}

function isFinished(activity: string): boolean {
  return activity === "done" || activity === "skipped";
}

function inOrder({ after }: CheckedTransition): readonly BrokenInvariant[] {
  const wrong = after.steps.findIndex(({ activity }, index) =>
    index < after.cursor ? !isFinished(activity.is) : index > after.cursor && activity.is !== "pending",
  );
  const isDone = after.phase.is === "done" && after.steps.some(({ activity }) => !isFinished(activity.is));
  return [
    ...when(wrong >= 0, "I7", `step ${wrong + 1} is ${after.steps[wrong]?.activity.is} while the cursor is at ${after.cursor + 1}`),
    ...when(isDone, "I7", "the run is done before its steps are"),
    ...when(
      after.phase.is === "live" && ["pending", "done", "skipped"].includes(currentStep(after).activity.is),
      "I7",
      `the run is live and its step is ${currentStep(after).activity.is}`,
    ),
  ];
}

function folds({ before, after, events, command }: CheckedTransition, engine: ExploredEngine): readonly BrokenInvariant[] {
  const folded = events.reduce((run, event) => engine.evolve(run, event, registries), before);
  // The first event of a run makes revision 1.
  const expected = command.command === "start" ? events.length : before.revision + events.length;
  return [
    ...when(!isEqual(folded, after), "I11", "folding the events does not give the run"),
    // A stale commit is refused by its revision.
    ...when(after.revision !== expected, "I1", "the revision does not count the events"),
  ];
}

function definitionsKept({ before, after }: CheckedTransition): readonly BrokenInvariant[] {
  const kept = after.steps.length === before.steps.length && after.steps.every((step, index) => isSame(step, before.steps[index]));
  return when(!kept, "I13", "a step's definition changed");
}

function isSame(after: Run["steps"][number], before: Run["steps"][number] | undefined): boolean {
  return isEqual(after.definition, before?.definition);
}

/** A step that needs an approval does not finish without it, unless its change was already merged outside. */
function approvals({ before, after, events }: CheckedTransition): readonly BrokenInvariant[] {
  let broken: readonly BrokenInvariant[] = [];
  for (const { event } of events) {
    if (event.type !== "step-finished" || after.merged !== null) continue;
    // A review asks for answers to its findings only; one without findings asks for nothing.
    if (before.steps[event.step]?.state.kind === "review") continue;
    const { definition } = before.steps[event.step] ?? {};
    const approved = after.steps[event.step]?.approved ?? null;
    const needed = definition?.approval?.approvers ?? 0;
    broken = [
      ...broken,
      ...when(
        new Set(approved?.by).size < needed,
        "P5",
        `step ${event.step + 1} finished with ${approved?.by.length ?? 0} of ${needed} approvals`,
      ),
    ];
  }
  return broken;
}

/** A helper is sent only with evidence: a failing check, a conflict, or a head that its last helper did not move. */
function helpers({ before, events, command }: CheckedTransition): readonly BrokenInvariant[] {
  if (!events.some(({ event }) => event.type === "fact-recorded" && event.fact.is === "helper-sent")) return [];
  // Testers and release watches send helpers by rules of their own.
  if (currentStep(before).state.kind !== "gate") return [];
  const probe = command.command === "returned" && command.result.of === "probe" ? command.result : null;
  const isRed =
    probe !== null &&
    (probe.state.mergeability === "conflicted" ||
      probe.checks.some(({ conclusion }) => conclusion === "failure") ||
      currentStep(before).state["sentFor"] === probe.state.head);
  return when(!isRed, "P1", "a helper is sent although nothing is red");
}
