import type { Amount, EventReads, RetentionReads, RunPart, RunSummary } from "@millrace/kernel";
import { LOG_START } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import type { LogPosition } from "../../dialect.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement, type Statement } from "../../statement.js";
import { SUMMARY, toSummary, type SummaryRow } from "../runs/reads.js";
import { PARTS, hasPart } from "./parts.js";

type Args = { readonly workspace_id: string; readonly before: number; readonly limit: number };
type AmountRow = { readonly rows: number; readonly characters: number };

/** Runs whose amount is added up at most. */
const MAX_COUNTED = 1000;

export function retentionReads(connection: SqlConnection): RetentionReads {
  const untrimmed = byPart((part) => untrimmedStatement(connection, part));
  const amount = byPart((part) => amountStatement(connection, part));
  const auditAmount = statement<{ workspace_id: string; before: number }>()((p) =>
    connection.db
      .selectFrom("audit")
      .select([sql<number>`count(*)`.as("rows"), sql<number>`coalesce(sum(length(entry)), 0)`.as("characters")])
      .where("workspace_id", "=", p("workspace_id"))
      .where("at", "<", p("before")),
  );
  const held = statement<{ workspace_id: string; id: string }>()((p) =>
    connection.db.selectFrom("runs").select("held").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  return {
    async untrimmed(workspaceId, part, before, limit): Promise<readonly RunSummary[]> {
      const args = { workspace_id: workspaceId, before, limit: checkLimit(limit, MAX_PAGE) };
      return (await connection.all(untrimmed(part), args)).map(toSummary);
    },
    async amount(workspaceId, part, before) {
      return toAmount(await connection.all(amount(part), { workspace_id: workspaceId, before, limit: MAX_COUNTED }));
    },
    async auditAmount(workspaceId, before) {
      return toAmount(await connection.all(auditAmount, { workspace_id: workspaceId, before }));
    },
    async isHeld(workspaceId, runId) {
      const [row] = await connection.all(held, { workspace_id: workspaceId, id: runId });
      return row?.held === 1;
    },
  };
}

/** Whether events behind a cursor were removed. */
export function isExpiredRead(connection: SqlConnection): EventReads["isExpired"] {
  const { db, dialect } = connection;
  const removed = statement<LogPosition & { readonly workspace_id: string }>()((p) =>
    db
      .selectFrom("log_starts")
      .select("workspace_id")
      .where("workspace_id", "=", p("workspace_id"))
      .where(sql<boolean>`(transaction_id, event_row) > (${p("transaction")}, ${p("row")})`),
  );
  return async (workspaceId, after) => {
    if (after === LOG_START) return false;
    return (await connection.all(removed, { workspace_id: workspaceId, ...dialect.log.positionOf(after) })).length > 0;
  };
}

function byPart<Compiled>(compile: (part: RunPart) => Compiled): (part: RunPart) => Compiled {
  const known = new Map<RunPart, Compiled>();
  return (part) => {
    const compiled = known.get(part) ?? compile(part);
    known.set(part, compiled);
    return compiled;
  };
}

function untrimmedStatement({ db }: SqlConnection, part: RunPart): Statement<Args, SummaryRow> {
  return statement<Args>()((p) =>
    db
      .selectFrom("runs")
      .select(SUMMARY)
      .where("workspace_id", "=", p("workspace_id"))
      .where("updated_at", "<", p("before"))
      .where(hasPart(PARTS[part].bit))
      .where(PARTS[part].ofRun)
      .orderBy("updated_at")
      .orderBy("id")
      .limit(p("limit")),
  );
}

function amountStatement({ db }: SqlConnection, part: RunPart): Statement<Args, AmountRow> {
  const { table, characters, which } = PARTS[part];
  return statement<Args>()((p) =>
    db
      .with("due", (query) =>
        query
          .selectFrom("runs")
          .select("runs.id")
          .where("workspace_id", "=", p("workspace_id"))
          .where("updated_at", "<", p("before"))
          .where(hasPart(PARTS[part].bit))
          .where(PARTS[part].ofRun)
          .orderBy("updated_at")
          .orderBy("id")
          .limit(p("limit")),
      )
      .selectFrom("due")
      .innerJoin(sql<{ workspace_id: string; run_id: string }>`${sql.table(table)}`.as("details"), (join) =>
        join.onRef("details.run_id", "=", "due.id"),
      )
      .select([sql<number>`count(*)`.as("rows"), sql<number>`coalesce(sum(${characters}), 0)`.as("characters")])
      .where("details.workspace_id", "=", p("workspace_id"))
      .where(which),
  );
}

/** Sums may arrive as text, whose range is larger. */
function toAmount([row]: readonly AmountRow[]): Amount {
  return { rows: Number(row?.rows ?? 0), characters: Number(row?.characters ?? 0) };
}
