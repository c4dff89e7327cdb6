/** The one read model of a run: what the command line, the HTTP API and the board page show. Pure: the caller has read everything. */
import type { Block, CostView, HumanWait, Run, RunEvent, RunView, WaitView } from "@millrace/contracts";
import type { SettledUsage } from "@millrace/kernel";
import { acceptedAnswers } from "../decide/answer.logic.js";
import { currentStep, heldEffect, openWait } from "../model/due.logic.js";
import type { StepKinds } from "../model/step-kind.js";
import { statusOf } from "../model/stored-run.js";
import { describeEvent } from "./describe-event.logic.js";
import { runReason, type RunObservations } from "./run-reason.logic.js";
import { stepView } from "./step-view.logic.js";

/** Everything a view of a run is made of. */
export interface RunViewInput {
  readonly run: Run;
  readonly task: Pick<Block, "id" | "title">;
  /** Events of the run, oldest first. */
  readonly events: readonly RunEvent[];
  readonly usage: readonly SettledUsage[];
  /** Text of the open wait's output; null when there is none. */
  readonly text: string | null;
  /** The step kinds of the engine that drives the run. */
  readonly kinds: StepKinds;
  /** Epoch ms. */
  readonly now: number;
  /** Knowledge beyond the stored run. Default: none. */
  readonly observed?: RunObservations;
}

/**
 * A run as it is shown. Total: a state, a fact or a kind that this build does not know is shown by its name, or shows nothing of itself.
 */
export function runView({ run, task, events, usage, text, kinds, now, observed = {} }: RunViewInput): RunView {
  const open = openWait(run);
  const wait = open === null ? null : waitView(run, open, text, kinds);
  const { phase } = run;
  const steps = run.steps.flatMap((_step, index) => stepView(run, index, kinds, now) ?? []);
  return {
    id: run.id,
    revision: run.revision,
    status: statusOf(run),
    reason: runReason(run, steps, wait, observed),
    task: { id: task.id, title: task.title },
    pipeline: { id: run.pipeline.id, name: run.pipeline.name },
    startedBy: run.initiatedBy,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    supersedes: run.supersedes,
    repository: run.repository,
    pullRequest: run.pullRequest,
    merged: run.merged,
    steps,
    wait,
    paused: heldEffect(run)?.hold ?? null,
    failure: phase.is === "failed" ? phase.failure : null,
    cancelled: phase.is === "cancelled" ? { by: phase.by, reason: phase.reason } : null,
    cost: costView(usage),
    timeline: events.map((event) => ({ ...event, line: describeEvent(event, run.steps, kinds) })),
  };
}

/** The open wait of a run as it is shown; null `text`: it is not known. */
export function waitView(run: Run, wait: HumanWait, text: string | null, kinds: StepKinds): WaitView {
  const accepted = answersTo(run, kinds);
  // A review that accepts `incorporate` has rounds left, so it offers no extra round.
  const isFoldable = accepted.includes("incorporate");
  return { ...wait, text, answers: accepted.filter((answer) => !isFoldable || answer !== "extra-round") };
}

/** None for a wait that this build does not know: its step kind is not registered, or is another version's. */
function answersTo(run: Run, kinds: StepKinds): WaitView["answers"] {
  try {
    return [...acceptedAnswers(run, kinds)];
  } catch {
    return [];
  }
}

function costView(usage: readonly SettledUsage[]): CostView {
  const sum = (pick: (row: SettledUsage) => number): number => usage.reduce((total, row) => total + pick(row), 0);
  return {
    calls: usage.length,
    inputTokens: sum(({ tokens }) => tokens?.inputTokens ?? 0),
    outputTokens: sum(({ tokens }) => tokens?.outputTokens ?? 0),
    cacheReadTokens: sum(({ tokens }) => tokens?.cacheReadTokens ?? 0),
    cacheWriteTokens: sum(({ tokens }) => tokens?.cacheWriteTokens ?? 0),
    settledMicros: sum(({ settledMicros }) => settledMicros),
    estimatedCalls: usage.filter(({ costMicros }) => costMicros === null).length,
  };
}

/** Key of the job or the agent call that a run waits for; null when it waits for none. */
export function jobKeyOf(run: Run): string | null {
  const { activity } = currentStep(run);
  if (activity.is === "job") return activity.job.key;
  if (activity.is !== "effect") return null;
  const { key, request } = activity.effect;
  return request.do === "ask-agent" || request.do === "start-job" ? key : null;
}
