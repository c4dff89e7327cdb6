import type { RetentionChanges, RunPart } from "@millrace/kernel";
import { notFound, runInProgress } from "@millrace/kernel";
import { sql } from "kysely";
import { runRef, toCommit, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { missingRow, refuseWhen } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement, type Statement } from "../../statement.js";
import { LIVE } from "../runs/run-status.js";
import { PARTS, hasPart } from "./parts.js";

type RunKey = { workspace_id: string; id: string };

export function retentionChanges(builder: SqlBuilder): ChangeHandlers<RetentionChanges> {
  const { db, dialect } = builder;
  const missing = missingRow(db, "runs");
  const live = refuseWhen<RunKey>(db, (eb, p) =>
    eb.exists(eb.selectFrom("runs").select("id").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")).where(LIVE)),
  );
  const trims = new Map<RunPart, readonly Statement<RunKey, unknown>[]>();
  const trimOf = (part: RunPart): readonly Statement<RunKey, unknown>[] => {
    const known = trims.get(part) ?? trimStatements(builder, part);
    trims.set(part, known);
    return known;
  };
  const hold = statement<RunKey & { held: number }>()((p) =>
    db
      .updateTable("runs")
      .set({ held: p("held") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  const trimAudit = statement<{ workspace_id: string; before: number; limit: number }>()((p) =>
    db
      .deleteFrom("audit")
      .where(
        dialect.rows(
          sql`from audit as own where own.workspace_id = ${p("workspace_id")} and own.at < ${p("before")} order by own.at, own.cursor limit ${p("limit")}`,
        ),
      ),
  );
  return {
    "trim-run": ({ workspaceId, id, part }) => {
      const key = { workspace_id: workspaceId, id };
      const guard: CommitStatement = toCommit(live, key, { check: () => runInProgress(id) });
      return [guard, ...trimOf(part).map((one) => toCommit(one, key))];
    },
    "hold-run": ({ workspaceId, id, isHeld }) => {
      const key = { workspace_id: workspaceId, id };
      return [
        { ...toCommit(missing, key, { check: () => notFound("run", id) }), ensures: runRef(workspaceId, id) },
        toCommit(hold, { ...key, held: isHeld ? 1 : 0 }),
      ];
    },
    "trim-audit": ({ workspaceId, before, limit }) => [toCommit(trimAudit, { workspace_id: workspaceId, before, limit })],
  };
}

/** The rows of the part, then the mark that they are gone. The run is seen to have the part in each: it may have been held meanwhile. */
function trimStatements({ db, dialect: { log } }: SqlBuilder, part: RunPart): readonly Statement<RunKey, unknown>[] {
  const { table, bit, which } = PARTS[part];
  const mayGo = (workspace: unknown, id: unknown) =>
    sql<boolean>`exists (select 1 from runs where workspace_id = ${workspace} and id = ${id} and ${hasPart(bit)})`;
  const compiled = (build: (key: { workspace: unknown; id: unknown }) => ReturnType<typeof sql>) =>
    statement<RunKey>()((p) => {
      const query = build({ workspace: p("workspace_id"), id: p("id") });
      return { compile: () => query.compile(db) };
    });
  const moveStart = compiled(
    ({ workspace, id }) => sql`
      insert into log_starts (workspace_id, transaction_id, event_row)
      select workspace_id, ${log.transaction}, cursor from events
      where workspace_id = ${workspace} and run_id = ${id} and ${mayGo(workspace, id)}
      order by sequence desc limit 1
      on conflict (workspace_id) do update set transaction_id = excluded.transaction_id, event_row = excluded.event_row
      where (log_starts.transaction_id, log_starts.event_row) < (excluded.transaction_id, excluded.event_row)`,
  );
  const remove = compiled(
    ({ workspace, id }) => sql`
      delete from ${sql.table(table)} as details
      where details.workspace_id = ${workspace} and details.run_id = ${id} and ${which} and ${mayGo(workspace, id)}`,
  );
  const mark = compiled(
    ({ workspace, id }) => sql`
      update runs set trimmed = trimmed | ${sql.lit(bit)} where workspace_id = ${workspace} and id = ${id} and ${hasPart(bit)}`,
  );
  return [...(part === "events" ? [moveStart] : []), remove, mark];
}
