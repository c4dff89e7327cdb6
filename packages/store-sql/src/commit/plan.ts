/**
 * A commit as a list of statements.
 *
 * Owns: turning changes into statements. Does not own: transactions, which belong to a connection's
 * `batch`; or any rule about what may follow what.
 * 1. Every statement and every value is known before the first is sent. None depends on a result, so
 *    a database without interactive transactions (D1) can run the same list.
 * 2. A guard is a statement that the database refuses: NULL into the NOT NULL `runs.revision` when the
 *    revision is not the expected one or `spend_totals.reserved_micros` above a cap, 0 into `commit_guards` (CHECK passed = 1) when a row is missing or a limit is reached,
 *    a taken key of a unique index (one live run per block; one event per position of a run). Counting
 *    affected rows and rolling back instead would need an answer in the middle.
 * 3. What a refusal means is written beside the statement, by kind of constraint; nothing reads a
 *    database's message. A driver that stops at the first refused statement knows which one it was; one
 *    that learns only that the batch failed reads the guarded rows again to name the reason.
 * 4. Events and outputs have no foreign key to their run: the commit that has them has written the run, as a rule, and where it has not
 *    a guard looks for it.
 * 5. Foreign keys are deferred to the end of the commit: the order of its changes is the caller's.
 */
import type { Change } from "@millrace/kernel";
import type { SqlBuilder, Step } from "../connection.js";
import type { BoundStatement } from "../statement.js";
import { activationChanges } from "./activation-changes.js";
import { boardChanges } from "./board-changes.js";
import { keyedChanges } from "./keyed-changes.js";
import { reviewChanges } from "./review-changes.js";
import { runChanges, type RunKey } from "./run-changes.js";
import { spendChanges } from "./spend-changes.js";

/** The statements of a commit in order, `more` behind its changes and before what looks at all of them. */
export type Planner = (changes: readonly Change[], more: readonly BoundStatement[]) => readonly Step[];

export function createPlanner(builder: SqlBuilder): Planner {
  const { db } = builder;
  const board = boardChanges(builder);
  const runs = runChanges(builder);
  const keyed = keyedChanges(builder);
  const spending = spendChanges(builder);
  const reviews = reviewChanges(db);
  const activations = activationChanges(db);
  const planOne = (change: Change): readonly Step[] => {
    switch (change.change) {
      case "insert-workspace":
        return board.insertWorkspace(change.workspace);
      case "put-settings":
        return board.putSettings(change.workspaceId, change.settings);
      case "insert-block":
        return board.insertBlock(change.block);
      case "patch-block":
        return board.patchBlock(change.workspaceId, change.id, change.patch);
      case "move-block":
        return board.moveBlock(change.workspaceId, change.id, change.parentId);
      case "release-block":
        return board.releaseBlock(change.workspaceId, change.id, change.runId);
      case "put-pipeline":
        return board.putPipeline(change.workspaceId, change.pipeline);
      case "put-preset":
        return board.putPreset(change.preset);
      case "append-board-event":
        return board.appendEvent(change.workspaceId, change.event);
      case "insert-run":
        return runs.insert(change.record, change.limit ?? null);
      case "update-run":
        return runs.update(change.record, change.expected);
      case "append-run-events":
        return runs.append(change.workspaceId, change.runId, change.firstSequence, change.events);
      case "put-output":
        return keyed.putOutput(change.workspaceId, change.runId, change.key, change.text);
      case "raise-notification":
        return keyed.raise(change.notification);
      case "resolve-notification":
        return keyed.resolve(change.workspaceId, change.id, change.as, change.at);
      case "record-usage":
        return spending.record(change.usage, change.scopes ?? []);
      case "reserve-spend":
        return spending.reserve(change);
      case "escalate-notification":
        return keyed.escalate(change.workspaceId, change.id);
      case "insert-review":
        return reviews.insert(change.review, change.items);
      case "set-review-status":
        return reviews.setStatus(change);
      case "answer-review-item":
        return reviews.answer(change);
      case "put-activation":
        return activations.put(change.activation);
      case "delete-activations":
        return activations.deleteOfRun(change.workspaceId, change.runId);
      case "wake":
        return keyed.wake(change.workspaceId, change.runId, change.at);
      case "unwake":
        return keyed.unwake(change.workspaceId, change.runId);
    }
  };
  return (changes, more) => {
    const steps = [...changes.flatMap(planOne), ...runs.exist(runsNamedOnly(changes))];
    return [...steps.filter(({ atEnd }) => atEnd !== true), ...more, ...steps.filter(({ atEnd }) => atEnd === true)];
  };
}

/** Runs that events or outputs name and no change writes. */
function runsNamedOnly(changes: readonly Change[]): readonly RunKey[] {
  const written = new Set<string>();
  const named = new Map<string, RunKey>();
  for (const change of changes) {
    if (change.change === "insert-run" || change.change === "update-run") written.add(nameOf(change.record.workspaceId, change.record.id));
    if (change.change === "append-run-events" || change.change === "put-output")
      named.set(nameOf(change.workspaceId, change.runId), { workspaceId: change.workspaceId, runId: change.runId });
  }
  return [...named].flatMap(([name, run]) => (written.has(name) ? [] : [run]));
}

function nameOf(workspaceId: string, runId: string): string {
  return `${workspaceId}/${runId}`;
}
