/**
 * A commit as a list of statements.
 *
 * Owns: the order of the statements, and which rows are checked to exist. Does not own: the statements of a change, which belong to
 * its aggregate; transactions, which belong to a connection's `batch`; any rule about what may follow what.
 * 1. Every statement and every value is known before the first is sent. None depends on a result, so
 *    a database without interactive transactions (D1) can run the same list.
 * 2. A guard is a statement that the database refuses: NULL into the NOT NULL `runs.revision` when the
 *    revision is not the expected one, or into `spend_totals.reserved_micros` above a cap; 0 into `commit_guards`
 *    (CHECK passed = 1) when a row is missing or a limit is reached; a taken key of a unique index (one live run per
 *    block, one event per position of a run). Counting affected rows and rolling back instead would need an answer in the middle.
 * 3. The meaning of a refusal is stated beside the statement, by kind of constraint; nothing reads a
 *    database's message. A driver that stops at the first refused statement knows which one it was; one
 *    that learns only that the batch failed runs the statements one by one to name the reason.
 * 4. A row that a change needs is checked after all changes, so their order is the caller's. The check is left out when another
 *    statement of the commit ensures the row: the engine's commits write their run, and pay for no check.
 */
import type { Change, Changes, Clock } from "@millrace/kernel";
import { changeHandlers } from "../aggregates/index.js";
import type { SqlBuilder } from "../connection.js";
import type { BoundStatement } from "../statement.js";
import type { CommitStatement, RowRef } from "./commit-statement.js";
import { existenceGuard } from "./guards.js";

/** The statements of a commit in order: those of the changes, then `more`, then the checks of needed rows. */
export type Planner = (changes: readonly Change<keyof Changes>[], more: readonly BoundStatement[]) => readonly CommitStatement[];

export function createPlanner(builder: SqlBuilder, clock: Clock): Planner {
  const handlers = changeHandlers(builder, clock);
  const guard = existenceGuard(builder.db);
  const planOne = <Tag extends keyof Changes>(change: Change<Tag>): readonly CommitStatement[] => handlers[change.change](change);
  return (changes, more) => {
    const statements = changes.flatMap((change) => planOne(change));
    return [...statements, ...more, ...unmetNeeds(statements).map(guard)];
  };
}

/** Rows that are needed and that no statement ensures, each once. A commit has few of either: comparing them costs less than keys. */
function unmetNeeds(statements: readonly CommitStatement[]): readonly RowRef[] {
  const met = statements.flatMap(({ ensures }) => ensures ?? []);
  const unmet: RowRef[] = [];
  for (const { needs } of statements) {
    if (needs === undefined) continue;
    for (const row of needs) if (!includes(met, row) && !includes(unmet, row)) unmet.push(row);
  }
  return unmet;
}

function includes(rows: readonly RowRef[], { table, workspaceId, id }: RowRef): boolean {
  return rows.some((row) => row.id === id && row.table === table && row.workspaceId === workspaceId);
}
