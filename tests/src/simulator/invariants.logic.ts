/** Invariants of a run and of the events that led to it. Checks that need the store or the environment are in `watcher.ts`. */
import type { Run, RunEvent } from "@millrace/contracts";
import { currentStep, gateStateOf, heldEffect, openWait } from "@millrace/orchestration";
import { overspent, ungrantedRounds, type BudgetRules } from "../samples/budgets.logic.js";
import type { ViolatedRule, Violation } from "./violation.js";

/** The change of one run by a commit. `before` is null for a new run. */
export interface RunChange {
  readonly before: Run | null;
  readonly after: Run;
  readonly events: readonly RunEvent[];
}

export function brokenBy(moved: RunChange, rules: BudgetRules): readonly Violation[] {
  const { before, after, events } = moved;
  return [
    ...when(before !== null && isOver(before) && events.length > 0, "I4", `a ${before?.phase.is} run got ${events.map(typeOf).join(", ")}`),
    ...inOrder(after),
    ...overspent(after, rules).map((message): Violation => ({ rule: "I6", message })),
    ...granted(moved),
    ...definitionsKept(moved),
    ...merges(moved),
    ...approvals(moved),
  ];
}

export function isOver(run: Run): boolean {
  return run.phase.is !== "live" && run.phase.is !== "stopping";
}

/** Whether a merge was requested, and its outcome is not known. */
export function isMerging(run: Run): boolean {
  const { activity } = currentStep(run);
  return run.phase.is === "live" && activity.is === "effect" && activity.effect.request.do === "merge";
}

/** Whether only a user can continue the run: it waits for an answer, or is paused without an end. */
export function needsUser(run: Run): boolean {
  const hold = heldEffect(run)?.hold;
  return openWait(run) !== null || (hold !== undefined && hold !== null && hold.until === null);
}

function when(isBroken: boolean, rule: ViolatedRule, message: string): readonly Violation[] {
  return isBroken ? [{ rule, message }] : [];
}

function typeOf({ event }: RunEvent): string {
  return event.type;
}

function inOrder(run: Run): readonly Violation[] {
  const isFinished = (is: string): boolean => is === "done" || is === "skipped";
  const wrong = run.steps.findIndex(({ activity }, index) =>
    index < run.cursor ? !isFinished(activity.is) : index > run.cursor && activity.is !== "pending",
  );
  const current = run.steps[run.cursor]?.activity.is ?? "missing";
  return [
    ...when(wrong >= 0, "I7", `step ${wrong + 1} is ${run.steps[wrong]?.activity.is} while the cursor is at ${run.cursor + 1}`),
    ...when(run.phase.is === "live" && !["effect", "job", "wait"].includes(current), "I7", `the run is live and its step is ${current}`),
    ...when(
      run.phase.is === "done" && !run.steps.every(({ activity }) => isFinished(activity.is)),
      "I7",
      "the run is done before its steps",
    ),
  ];
}

function granted({ before, after, events }: RunChange): readonly Violation[] {
  if (before === null) return [];
  const given = events.filter(({ event }) => event.type === "human-answered" && event.answer.answer === "extra-round").length;
  const excess = ungrantedRounds(before, after, given);
  return when(excess > 0, "I6", `a companion has ${excess} round(s) more than people gave`);
}

function definitionsKept({ before, after }: RunChange): readonly Violation[] {
  if (before === null) return [];
  const text = (run: Run): string => JSON.stringify(run.steps.map(({ definition }) => definition));
  return when(text(before) !== text(after), "I13", "a step's definition changed");
}

/** A merge is requested only with a green verdict for exactly the head and base that would land. */
function merges({ after, events }: RunChange): readonly Violation[] {
  return events.flatMap(({ event }) => {
    if (event.type !== "effect-requested" || event.effect.request.do !== "merge") return [];
    const { head, base } = event.effect.request;
    const isProven = after.steps.some(({ state }, index) => {
      const verdict = index < event.step ? gateStateOf(state)?.verdict : null;
      return verdict?.gate === "ci" && verdict.says === "green" && verdict.head === head && verdict.base === base;
    });
    return when(!isProven, "I3", `a merge of ${head} into ${base} is asked for without a green CI verdict for both`);
  });
}

/** A step that needs an approval does not finish without it, unless its change was merged outside first. */
function approvals({ after, events }: RunChange): readonly Violation[] {
  return events.flatMap(({ event }) => {
    if (event.type !== "step-finished" || after.merged !== null) return [];
    const step = after.steps[event.step];
    const needed = step?.definition.approval?.approvers ?? 0;
    // A step that is sent back in the same commit has lost its approval.
    if (step === undefined || step.activity.is !== "done") return [];
    // A review asks for answers to its findings only; one without findings asks for nothing.
    if (step.state.kind === "review") return [];
    const given = new Set(step.approved?.by).size;
    return when(given < needed, "P5", `step ${event.step + 1} finished with ${given} of ${needed} approvals`);
  });
}
