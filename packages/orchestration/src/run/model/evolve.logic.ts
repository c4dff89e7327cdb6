/**
 * The fold. `evolve` is the only thing that changes a run; it needs nothing but the event.
 * 1. Every event raises the revision by one.
 * 2. A finished run (done, failed, cancelled) is never changed: the decider emits nothing for it.
 * 3. A reset replaces a step's state and keeps its definition (I13).
 */
import type { Activity, Hold, Run, RunEvent, RunEventBody, Step } from "@millrace/contracts";
import type { AgentKinds } from "@millrace/agents";
import { MillraceError } from "@millrace/kernel";
import { match } from "ts-pattern";
import type { StepKinds } from "./step-kind.js";

export interface Registries {
  readonly kinds: AgentKinds;
  readonly stepKinds: StepKinds;
}

/**
 * Folds one event.
 * @throws MillraceError `stored_shape_invalid` when the event does not fit the run.
 */
export function evolve(run: Run | null, entry: RunEvent, registries: Registries): Run {
  const { event, at } = entry;
  if (event.type === "run-started") return event.run;
  if (run === null) throw new MillraceError("stored_shape_invalid", `the history begins with '${event.type}' instead of 'run-started'`);
  return { ...fold(run, event, at, entry, registries), revision: run.revision + 1 };
}

/** Folds a history from its first event. */
export function replay(events: readonly RunEvent[], registries: Registries): Run | null {
  return events.reduce<Run | null>((run, entry) => evolve(run, entry, registries), null);
}

type LaterEvent = Exclude<RunEventBody, { type: "run-started" }>;

function fold(run: Run, event: LaterEvent, at: number, entry: RunEvent, registries: Registries): Run {
  return match(event)
    .with({ type: "step-entered" }, ({ step }) => ({
      ...patchStep(run, step, (s) => ({ ...s, timing: { ...s.timing, startedAt: s.timing.startedAt ?? at } })),
      cursor: step,
    }))
    .with({ type: "effect-requested" }, ({ step, effect, model }) =>
      patchStep(run, step, (s) => ({ ...s, effects: s.effects + 1, model: model ?? s.model, activity: { is: "effect", effect } })),
    )
    .with({ type: "effect-held" }, ({ step, hold }) => patchStep(run, step, (s) => ({ ...s, activity: setHold(s.activity, hold) })))
    .with({ type: "effect-released" }, ({ step }) => patchStep(run, step, (s) => ({ ...s, activity: setHold(s.activity, null) })))
    .with({ type: "effect-failed" }, ({ step }) => patchStep(run, step, (s) => ({ ...s, activity: countFailure(s.activity) })))
    .with({ type: "job-started" }, ({ step, job }) =>
      patchStep(run, step, (s) => ({ ...s, model: job.model ?? s.model, activity: { is: "job", job, startedAt: at, unreadable: 0 } })),
    )
    .with({ type: "fact-recorded" }, ({ step, fact }) =>
      patchStep(run, step, (s) => ({ ...s, state: registries.stepKinds.get(s.state.kind).fold(s.state, fact) })),
    )
    .with({ type: "output-recorded" }, ({ step, output, model }) =>
      patchStep(run, step, (s) => ({ ...s, output, model: model ?? s.model })),
    )
    .with({ type: "pull-request-recorded" }, ({ pullRequest }) => ({ ...run, pullRequest }))
    .with({ type: "estimate-recorded" }, ({ estimate }) => ({ ...run, estimate }))
    .with({ type: "human-asked" }, ({ step, wait }) =>
      patchStep(run, step, (s) => ({ ...s, waits: s.waits + 1, activity: { is: "wait", wait } })),
    )
    .with({ type: "human-agreed" }, ({ step, by }) => patchStep(run, step, (s) => ({ ...s, activity: addApprover(s.activity, by) })))
    .with({ type: "human-answered" }, ({ step, answer }) =>
      patchStep(run, step, (s) => ({
        ...s,
        timing: { ...s.timing, waitedMs: s.timing.waitedMs + waited(s.activity, at) },
        decisions:
          answer.answer === "choose" && s.activity.is === "wait"
            ? [...s.decisions, { question: s.activity.wait.question, chosen: answer.option }]
            : s.decisions,
      })),
    )
    .with({ type: "step-approved" }, ({ step, approval }) => patchStep(run, step, (s) => ({ ...s, approved: approval })))
    .with({ type: "rework-requested" }, ({ step, from, to, revision }) => resetRange(run, { from, to, keeps: step, revision }, registries))
    .with({ type: "merged" }, ({ record }) => ({ ...run, merged: record.commit }))
    .with({ type: "step-finished" }, ({ step }) => ({
      ...patchStep(run, step, (s) => ({ ...s, activity: { is: "done" }, revision: null, timing: { ...s.timing, finishedAt: at } })),
    }))
    .with({ type: "step-skipped" }, ({ step, reason }) =>
      patchStep(run, step, (s) => ({ ...s, activity: { is: "skipped", reason }, timing: { ...s.timing, finishedAt: at } })),
    )
    .with({ type: "stop-requested" }, ({ then }): Run => ({ ...run, phase: { is: "stopping", then, by: entry.actor, since: at } }))
    .with({ type: "run-finished" }, (): Run => ({ ...run, finishedAt: at, phase: { is: "done", at } }))
    .with({ type: "run-failed" }, ({ failure }): Run => ({ ...run, finishedAt: at, phase: { is: "failed", failure } }))
    .with({ type: "run-cancelled" }, ({ reason }): Run => ({
      ...run,
      finishedAt: at,
      phase: { is: "cancelled", by: run.phase.is === "stopping" ? run.phase.by : entry.actor, reason, at },
    }))
    .exhaustive();
}

function patchStep(run: Run, index: number, patch: (step: Step) => Step): Run {
  if (run.steps[index] === undefined) throw new MillraceError("stored_shape_invalid", `run '${run.id}' has no step ${index}`);
  return { ...run, steps: run.steps.map((step, at) => (at === index ? patch(step) : step)) };
}

function countFailure(activity: Activity): Activity {
  if (activity.is === "effect") return { ...activity, effect: { ...activity.effect, tries: activity.effect.tries + 1 } };
  return activity.is === "job" ? { ...activity, unreadable: activity.unreadable + 1 } : activity;
}

function setHold(activity: Activity, hold: Hold | null): Activity {
  return activity.is === "effect" ? { ...activity, effect: { ...activity.effect, hold } } : activity;
}

function addApprover(activity: Activity, by: string): Activity {
  return activity.is === "wait" ? { ...activity, wait: { ...activity.wait, approvedBy: [...activity.wait.approvedBy, by] } } : activity;
}

function waited(activity: Activity, at: number): number {
  return activity.is === "wait" ? Math.max(0, at - activity.wait.openedAt) : 0;
}

/** Steps `from`..`to` start over under a new attempt; the step that asked (`keeps`) remembers why it did. */
function resetRange(
  run: Run,
  range: { readonly from: number; readonly to: number; readonly keeps: number; readonly revision: Step["revision"] },
  registries: Registries,
): Run {
  const steps = run.steps.map((step, index): Step => {
    if (index < range.from || index > range.to) return step;
    const keepsMemory = index === range.keeps && index !== range.from;
    const fresh = freshStep(step.definition, registries);
    return {
      ...fresh,
      attempt: step.attempt + 1,
      state: keepsMemory ? step.state : fresh.state,
      model: step.model,
      decisions: index === range.from ? step.decisions : [],
      revision: index === range.from ? range.revision : null,
    };
  });
  return { ...run, steps, cursor: range.from };
}

/**
 * A step that has done nothing yet.
 * @throws MillraceError `pipeline_invalid` for an unknown agent kind.
 */
export function freshStep(definition: Step["definition"], registries: Registries): Step {
  const kind = registries.kinds.get(definition.kind);
  if (kind === null) throw new MillraceError("pipeline_invalid", `agent kind '${definition.kind}' is not registered`);
  return {
    definition,
    attempt: 1,
    effects: 0,
    waits: 0,
    state: registries.stepKinds.runnerOf(definition, kind).initial(definition, kind),
    activity: { is: "pending" },
    timing: { startedAt: null, finishedAt: null, waitedMs: 0 },
    output: null,
    model: null,
    revision: null,
    approved: null,
    decisions: [],
  };
}
