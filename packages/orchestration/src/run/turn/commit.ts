/** Step 5 of a turn: everything that a decision means, as one commit. */
import type { Actor, Run } from "@millrace/contracts";
import { isMillraceError, type Change, type RunLimit, type RunContext } from "@millrace/kernel";
import { consequences } from "../decide/consequences.logic.js";
import { holdDecision, type Decision } from "../decide/decide.logic.js";
import { openWait } from "../model/due.logic.js";
import type { TransitionResult } from "../model/transition-result.js";
import { toRecord, type Placement } from "../model/stored-run.js";
import { budgetHold, reservationChange } from "../rules/reservation.logic.js";
import { pure } from "./defect.js";
import type { Engine } from "./engine.js";
import { wakeNextInLine } from "./line.js";
import type { LoadedInput } from "./read-input.js";

/** A run and the input of its next decision, read at one moment. */
export interface LoadedRun {
  readonly run: Run;
  readonly input: LoadedInput;
}

/** Result of a turn: go on now, come back at a time (epoch ms), or nothing to do (a person's turn, or finished). */
export type TurnResult =
  | { readonly is: "continue" }
  | { readonly is: "sleeping"; readonly until: number }
  | { readonly is: "resting"; readonly on: "human" | "finished" };

/** Part of a run's first commit only: the placement it is counted under, and the limit it must fit. */
export interface RunInsert {
  readonly placement: Placement;
  readonly limit: RunLimit | null;
  /** The run takes up the steps behind the merge of its block. */
  readonly isBehindMerge: boolean;
}

export interface DecisionCommit {
  /** Null for the first commit of a run. */
  readonly before: Run | null;
  readonly decision: Decision;
  readonly by: { readonly at: number; readonly actor: Actor };
  readonly input: LoadedInput;
  /** Changes that must land with it. */
  readonly writes: readonly Change[];
  /** Required when `before` is null. */
  readonly insert?: RunInsert;
}

export interface CommitResult {
  readonly run: Run;
  readonly result: TurnResult;
  /** Start of the next turn; null if it was not requested or the run has moved on since: the next turn reads it then. */
  readonly next: LoadedRun | null;
}

/**
 * Commits a decision; when a budget is used up, the same decision paused in front of the call it wanted to make.
 * @throws MillraceError `stale_revision`, `run_in_progress`, `task_limit`, `conflict`, `database_*`.
 */
export async function commitDecision(engine: Engine, request: DecisionCommit, prefetchNext: boolean): Promise<CommitResult> {
  const { before, decision, by, input, writes, insert } = request;
  const transition = { before, after: decision.run, events: decision.events, pollAgain: decision.pollAgain, at: by.at };
  try {
    return await commitTransition(engine, { transition, input, writes, insert }, prefetchNext);
  } catch (error) {
    if (!isMillraceError(error, "budget_exhausted")) throw error;
    const held = holdDecision(decision, by, budgetHold(error, by.at), input, engine.registries);
    const paused = { ...transition, after: held.run, events: held.events };
    return commitTransition(engine, { transition: paused, input, writes, insert }, prefetchNext);
  }
}

interface TransitionCommit {
  readonly transition: TransitionResult;
  readonly input: LoadedInput;
  readonly writes: readonly Change[];
  readonly insert?: RunInsert | undefined;
}

/** @throws MillraceError `budget_exhausted`, and as `commitDecision`. */
export async function commitTransition(engine: Engine, request: TransitionCommit, prefetchNext: boolean): Promise<CommitResult> {
  const { transition, input, writes, insert } = request;
  const { before, after, events, at } = transition;
  const { workspaceId, id: runId, blockId } = after;
  const { meant, reserved, record } = pure(() => ({
    meant: consequences(transition, input, engine.registries.stepKinds),
    reserved: reservationChange(transition, input, writes),
    record: toRecord(after, at, insert?.placement),
  }));
  const wake = meant.find((change) => change.change === "wake");
  const isDueNow = wake !== undefined && wake.at <= at;
  // A wake-up that the last commit left due need not be written again.
  const isDueAlready = isDueNow && before !== null && engine.committed.isDue(before, at);
  const log: Change = { change: "append-run-events", workspaceId, runId, blockId, firstSequence: (before?.revision ?? 0) + 1, events };
  const context = await engine.ports.store.commit(
    [
      before === null
        ? { change: "insert-run", record, limit: insert?.limit ?? null, isBehindMerge: insert?.isBehindMerge ?? false }
        : { change: "update-run", record, expected: before.revision },
      ...(events.length === 0 ? [] : [log]),
      ...writes,
      ...reserved,
      ...(isDueAlready ? meant.filter((change) => change !== wake) : meant),
    ],
    prefetchNext && isDueNow ? { contextOf: { workspaceId, blockId, runId } } : undefined,
  );
  if (meant.some(({ change }) => change === "leave-landing-queue")) await wakeNextInLine(engine, after);
  // Any process may be the first driver of a new run.
  engine.committed.remember(after, before === null ? null : isDueAlready ? at : (wake?.at ?? null));
  return { run: after, result: resultOf(after, wake?.at ?? null, isDueNow), next: await nextOf(engine, after, context) };
}

function resultOf(run: Run, wakesAt: number | null, isDueNow: boolean): TurnResult {
  if (wakesAt === null) return { is: "resting", on: openWait(run) === null ? "finished" : "human" };
  return isDueNow ? { is: "continue" } : { is: "sleeping", until: wakesAt };
}

async function nextOf({ readInput }: Engine, run: Run, context: RunContext | null): Promise<LoadedRun | null> {
  if (context === null || context.revision !== run.revision) return null;
  return { run, input: await readInput(run, context) };
}
