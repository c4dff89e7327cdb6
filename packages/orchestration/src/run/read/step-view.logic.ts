/** View of one step of a run. Pure; the parts of one step kind are declared by that kind. */
import type { Run, Step, StepStateView, StepView } from "@millrace/contracts";
import type { StepKinds } from "../model/step-kind.js";

/** View of a kind that shows nothing of its state. */
const NOTHING_TO_SHOW: StepStateView = {
  verdict: null,
  helpers: [],
  loop: null,
  ratings: [],
  report: null,
  review: null,
  assessment: null,
  withheld: null,
  mergeSent: null,
  isInLine: false,
  investigation: null,
  note: null,
};

/** The step at `index` as it is shown at `now` (epoch ms). A state whose kind is not registered shows nothing of itself. */
export function stepView(run: Run, index: number, kinds: StepKinds, now: number): StepView | null {
  const step = run.steps[index];
  if (step === undefined) return null;
  return {
    number: index + 1,
    kind: step.definition.kind,
    state: stepStatus(run, step, index),
    doing: run.phase.is === "live" ? doingOf(step) : null,
    attempt: step.attempt,
    model: step.model ?? (step.activity.is === "job" ? step.activity.job.model : null),
    ...timesOf(step, run.finishedAt ?? now),
    output: step.output,
    decisions: step.decisions,
    approved: step.approved,
    ...NOTHING_TO_SHOW,
    ...kinds.find(step.state.kind)?.view(step.state),
  };
}

/** The table of `docs/states.md`, from top to bottom. */
function stepStatus(run: Run, step: Step, index: number): StepView["state"] {
  const { activity } = step;
  if (activity.is === "done" || activity.is === "skipped") return activity.is;
  if (run.phase.is === "failed") return run.phase.failure.step === index ? "failed" : "pending";
  if (index !== run.cursor || activity.is === "pending") return "pending";
  if (run.phase.is === "cancelled" || run.phase.is === "stopping") return run.phase.is;
  if (activity.is === "effect" && activity.effect.hold !== null) return "paused";
  return activity.is === "wait" ? "waiting" : "running";
}

/** Activity of a step, in words. */
function doingOf({ activity }: Step): string | null {
  switch (activity.is) {
    case "pending":
    case "done":
      return null;
    case "skipped":
      return activity.reason;
    case "job":
      return `${activity.job.kind} at work`;
    case "wait":
      return "waits for a person";
    case "effect": {
      const { request, tries, hold } = activity.effect;
      if (hold !== null) return `paused (${hold.because})`;
      const again = tries === 0 ? "" : `, try ${tries + 1}`;
      switch (request.do) {
        case "ask-agent":
          return `asking the ${request.kind}${again}`;
        case "start-job":
          return `starting the ${request.kind}${again}`;
        case "probe":
          return request.checks ? `waiting for the checks${again}` : `looking at the pull request${again}`;
        case "update-branch":
          return `bringing the branch up to date${again}`;
        case "merge":
          return `merging${again}`;
        case "call":
          return `${request.name}${again}`;
      }
    }
  }
}

function timesOf({ timing, activity }: Step, until: number): Pick<StepView, "durationMs" | "waitedMs"> {
  const waiting = activity.is === "wait" ? Math.max(0, until - activity.wait.openedAt) : 0;
  const waitedMs = timing.waitedMs + waiting;
  if (timing.startedAt === null) return { durationMs: null, waitedMs };
  return { durationMs: Math.max(0, (timing.finishedAt ?? until) - timing.startedAt - waitedMs), waitedMs };
}
