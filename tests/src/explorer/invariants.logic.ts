/** The invariants, checked on every transition. Numbers are those of `docs/architecture.md`; P1, P5 and P9 are promises. */
import type { Run, RunEvent } from "@millrace/contracts";
import { currentStep, due, heldEffect, isLive, openWait, type Command } from "@millrace/orchestration";
import type { Change } from "@millrace/kernel";
import { overspent, ungrantedRounds } from "../samples/budgets.logic.js";
import { isEqual } from "./equal.logic.js";
import { PRESET, registries, type ExploredEngine } from "./engine.logic.js";
import { hasLanded, type Environment } from "./environment.logic.js";

/** I-numbers are invariants of the engine, P-numbers promises to users. */
export type Invariant =
  | "I1"
  | "I2"
  | "I3"
  | "I4"
  | "I5"
  | "I6"
  | "I7"
  | "I8"
  | "I9"
  | "I10"
  | "I11"
  | "I12"
  | "I13"
  | "I14"
  | "P1"
  | "P2"
  | "P5"
  | "P9";

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
  /** Whether services may be out of order for long. */
  readonly hasOutages: boolean;
}

export function brokenBy(transition: CheckedTransition, engine: ExploredEngine): readonly BrokenInvariant[] {
  return [
    ...oneJob(transition),
    ...merges(transition),
    ...cost(transition),
    ...claims(transition),
    ...ended(transition),
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

/** A merge is requested only with evidence for exactly the head and base that would land, under the settings in force, of a change that may land. */
function merges({
  before,
  after,
  events,
  changes,
  command,
  environment,
  environmentBefore,
}: CheckedTransition): readonly BrokenInvariant[] {
  const broken: BrokenInvariant[] = [];
  for (const { event } of events) {
    if (event.type !== "effect-requested" || event.effect.request.do !== "merge") continue;
    const { head, base } = event.effect.request;
    const { proven, allowed, settings, into } = environment;
    if (environmentBefore.isLanded) broken.push({ invariant: "I3", message: "a merge is asked for although the task has landed" });
    if (proven?.head !== head || proven.base !== base)
      broken.push({ invariant: "I3", message: `a merge of ${head} into ${base} is asked for without green CI for both` });
    else if (proven.settings !== settings)
      broken.push({ invariant: "I3", message: "a merge is asked for under other settings than those that CI was green under" });
    if (into !== "main") broken.push({ invariant: "I3", message: `a merge into '${into}' is asked for` });
    if (allowed?.change !== environment.change)
      broken.push({ invariant: "I3", message: "a merge is asked for outside the thresholds and without the people it needs" });
  }
  const saysDone = changes.some((change) => change.change === "patch-block" && change.patch.status === "done");
  const isDone = environment.isLanded || hasLanded(environment);
  const ends = isLive(before) && !isLive(after) && after.phase.is !== "done" && after.pullRequest !== null;
  return [
    ...broken,
    ...when(saysDone && !isDone && environment.pullRequest !== "none", "I3", "the task is done, and the forge has not merged it"),
    ...when(ends && isDone && !saysDone, "I3", "the run ends, and what has landed is not on its task"),
    ...when(command.command === "landed" && !saysDone, "I3", "a merge that a run at rest is told of is not on its task"),
  ];
}

/** What lands stands in line, what rests does not, and nothing is paid for twice. */
function cost({ before, after, events, environment, environmentBefore, command }: CheckedTransition): readonly BrokenInvariant[] {
  const asked = events.flatMap(({ event }) => (event.type === "effect-requested" ? [event.effect.request] : []));
  const isAssessed = environmentBefore.assessed === environmentBefore.change && currentStep(before).definition.kind === "merger";
  const assesses = asked.some((request) => request.do === "start-job" && request.kind === "merger");
  const rests = ["rest", "held", "stop"].includes(due(after).is);
  const isUntold = asked.some((request) => request.do === "ask-agent" && request.briefs.length === 0) && looksAgain(after);
  return [
    ...when(assesses && isAssessed && command.command !== "failed", "I14", "a change is assessed for a second time"),
    ...when(asked.some((request) => request.do === "merge") && environment.place !== "first", "I14", "a merge is asked for out of turn"),
    ...when(rests && environment.place !== "none", "I14", "a run that rests keeps its place in line, and others wait for it"),
    ...when(isUntold, "I14", "a companion looks again and is not told what it found before"),
  ];
}

function looksAgain(run: Run): boolean {
  const { ratings } = currentStep(run).state;
  return Array.isArray(ratings) && ratings.length > 0;
}

function finished({ before, events }: CheckedTransition): readonly BrokenInvariant[] {
  const isOver = before.phase.is !== "live" && before.phase.is !== "stopping";
  return when(isOver && events.length > 0, "I4", `a ${before.phase.is} run emits ${events.map(({ event }) => event.type).join(", ")}`);
}

/** A step is finished by what was observed, whatever an agent claims beside it. */
function claims({ before, after, events, changes, command }: CheckedTransition): readonly BrokenInvariant[] {
  const passes = events.some(
    ({ event }) => event.type === "step-finished" || (event.type === "human-asked" && event.wait.on === "approval"),
  );
  const told = toldBy(command);
  const isNits = told.comments.length > 0 && told.comments.every((severity) => severity === "nit");
  const isHeard = (id: string): boolean =>
    changes.some((change) => change.change === "raise-notification" && change.notification.id.endsWith(id));
  const sendsBack = events.some(({ event }) => event.type === "rework-requested");
  return [
    ...when(passes && told.failedChecks, "P2", "a tester passes although a check of its own report failed"),
    ...when(passes && told.comments.includes("must-fix"), "P2", "a companion passes what it says must be fixed"),
    ...when(passes && told.notReady, "P2", "a step passes whose environment is not ready"),
    ...when(isWithoutEffect(events) && !isHeard("/without-effect"), "P2", "a step had no effect, and nobody is told"),
    ...when(sendsBack && isNits && command.command === "returned", "I14", "a coder is paid for nits alone"),
    ...when(after.phase.is === "live" && sendsFixer(before, events) && told.untested, "P1", "a fixer is sent for what was not tested"),
  ];
}

/** What an answer says in its structured part. */
function toldBy(command: Command): {
  readonly failedChecks: boolean;
  readonly untested: boolean;
  readonly comments: readonly unknown[];
  readonly notReady: boolean;
} {
  const result = command.command === "returned" ? command.result : null;
  const product =
    result?.of === "job" && result.outcome.is === "finished"
      ? result.outcome.answer.product
      : result?.of === "ask-agent"
        ? result.answer.product
        : null;
  const value = fieldsOf(product?.is === "valid" ? product.value : null);
  const each = (list: unknown, field: string): readonly unknown[] => (Array.isArray(list) ? list.map((one) => fieldsOf(one)[field]) : []);
  return {
    failedChecks: each(value["outcomes"], "status").includes("failed"),
    untested: typeof value["couldNotTest"] === "string" && value["couldNotTest"] !== "",
    comments: each(value["comments"], "severity"),
    notReady: result?.of === "call" && result.name === "provision" && !["ready", "off"].includes(String(fieldsOf(result.value)["is"])),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isWithoutEffect(events: readonly RunEvent[]): boolean {
  return events.some(({ event }) => event.type === "fact-recorded" && ["not-provisioned", "unwatched"].includes(event.fact.is));
}

function sendsFixer(before: Run, events: readonly RunEvent[]): boolean {
  const isHelper = events.some(({ event }) => event.type === "fact-recorded" && event.fact.is === "helper-sent");
  return isHelper && currentStep(before).state.kind === "tester";
}

/** A stop and a defect end the run, at once or as soon as what is in flight has ended. */
function ended({ before, after, command }: CheckedTransition): readonly BrokenInvariant[] {
  const mustEnd = (command.command === "stop" || command.command === "defect") && before.phase.is === "live";
  return when(mustEnd && after.phase.is === "live", "I5", `a run goes on although a ${command.command} was to end it`);
}

function neverStuck(transition: CheckedTransition): readonly BrokenInvariant[] {
  return [...asksOrGoesOn(transition), ...pauses(transition)];
}

/** A pause is in front of an effect: what already runs cannot be paused. */
function pauses({ after, events }: CheckedTransition): readonly BrokenInvariant[] {
  const isPaused = events.some(({ event }) => event.type === "effect-held");
  return when(isPaused && heldEffect(after) === null, "I5", "a pause is recorded, and the run is not paused");
}

function asksOrGoesOn({ after, environment }: CheckedTransition): readonly BrokenInvariant[] {
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

function bounded({ before, after, events, hasOutages }: CheckedTransition): readonly BrokenInvariant[] {
  const given = events.filter(({ event }) => event.type === "human-answered" && event.answer.answer === "extra-round").length;
  return [
    ...overspent(after, { stepKinds: registries.stepKinds, preset: PRESET, hasOutages }).map(
      (message) => ({ invariant: "I6", message }) as const,
    ),
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
    if ((event.type !== "step-finished" && event.type !== "step-skipped") || after.merged !== null) continue;
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
        `step ${event.step + 1} is passed with ${approved?.by.length ?? 0} of ${needed} approvals`,
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
  const isRedWithout =
    probe !== null &&
    (probe.checks.some(({ conclusion }) => conclusion === "action_required") ||
      (probe.baseChecks ?? []).some(({ conclusion }) => conclusion === "failure"));
  return [
    ...when(!isRed && !isRedWithout, "P1", "a helper is sent although nothing is red"),
    ...when(isRedWithout, "P1", "a helper is sent for what is red without the change"),
  ];
}
