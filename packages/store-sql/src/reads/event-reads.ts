import type { LoggedEvent, Store } from "@millrace/kernel";
import type { SqlConnection } from "../connection.js";
import { MAX_EVENTS, checkLimit } from "../page.logic.js";
import { statement } from "../statement.js";
import { parseEntry } from "../stored-shape.logic.js";

const COLUMNS = ["cursor", "workspace_id", "run_id", "sequence", "entry"] as const;

interface EventRow {
  readonly cursor: number;
  readonly workspace_id: string;
  readonly run_id: string | null;
  readonly sequence: number | null;
  readonly entry: string;
}

/**
 * The log in order of its cursor. On SQLite one writer at a time holds the database, so positions are
 * given out in the order of the commits and a reader that saw position N has seen everything before it.
 */
export function eventReads(connection: SqlConnection): Store["events"] {
  const { db } = connection;
  const read = statement<{ workspace_id: string; after: number; limit: number }>()((p) =>
    db
      .selectFrom("events")
      .select(COLUMNS)
      .where("workspace_id", "=", p("workspace_id"))
      .where("cursor", ">", p("after"))
      .orderBy("cursor")
      .limit(p("limit")),
  );
  const ofRun = statement<{ workspace_id: string; run_id: string; after: number; limit: number }>()((p) =>
    db
      .selectFrom("events")
      .select(COLUMNS)
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .where("sequence", ">", p("after"))
      .orderBy("sequence")
      .limit(p("limit")),
  );
  return {
    async read(workspaceId, after, limit) {
      const args = { workspace_id: workspaceId, after, limit: checkLimit(limit, MAX_EVENTS) };
      return (await connection.all(read, args)).map(toLoggedEvent);
    },
    async ofRun(workspaceId, runId, afterSequence, limit) {
      const args = { workspace_id: workspaceId, run_id: runId, after: afterSequence, limit: checkLimit(limit, MAX_EVENTS) };
      return (await connection.all(ofRun, args)).map(toLoggedEvent);
    },
  };
}

function toLoggedEvent(row: EventRow): LoggedEvent {
  return {
    cursor: row.cursor,
    workspaceId: row.workspace_id,
    runId: row.run_id,
    sequence: row.sequence,
    entry: parseEntry(row.entry, row.run_id, row.cursor),
  };
}
