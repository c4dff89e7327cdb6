/**
 * Foreign keys are a net under the guards of a commit (commit/plan.ts), which refuse a missing row by name: a violation is a defect.
 * They are composite, so a row cannot point into another workspace, and checked at the end of the transaction, so the order of the
 * changes does not matter.
 */
import type { CreateTableBuilder } from "kysely";

/** Requires the row's workspace. */
export function ofWorkspace<Table extends string, Column extends string>(
  table: CreateTableBuilder<Table, Column | "workspace_id">,
): CreateTableBuilder<Table, Column | "workspace_id"> {
  return table.addForeignKeyConstraint("of_workspace", ["workspace_id"], "workspaces", ["id"], deferred);
}

/** Requires the row's run. */
export function ofRun<Table extends string, Column extends string>(
  table: CreateTableBuilder<Table, Column | "workspace_id" | "run_id">,
): CreateTableBuilder<Table, Column | "workspace_id" | "run_id"> {
  return table.addForeignKeyConstraint("of_run", ["workspace_id", "run_id"], "runs", ["workspace_id", "id"], deferred);
}

/** Checks a foreign key when the transaction commits. */
export function deferred<Builder extends { deferrable(): Builder; initiallyDeferred(): Builder }>(constraint: Builder): Builder {
  return constraint.deferrable().initiallyDeferred();
}
