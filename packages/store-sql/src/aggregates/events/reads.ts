import type { EventReads, LoggedBoardEvent, LoggedEvent } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlBuilder, SqlConnection } from "../../connection.js";
import type { LogPosition } from "../../dialect.js";
import { MAX_EVENTS, checkLimit } from "../../page.logic.js";
import type { Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import { parseBoardEntry, parseEntry } from "../../stored-shape.logic.js";

interface PositionedRow {
  readonly position: string;
  readonly workspace_id: string;
  readonly run_id: string | null;
  readonly sequence: number | null;
  readonly entry: string;
}

/** The log in its order. A reader that saw a position has seen everything before it; the dialect guarantees it. */
export function eventReads(connection: SqlConnection): Omit<EventReads, "isExpired"> {
  const { log } = connection.dialect;
  const { read, outsideRuns, end, ofRun } = eventStatements(connection);
  return {
    async read(workspaceId, after, limit) {
      const args = { workspace_id: workspaceId, ...log.positionOf(after), limit: checkLimit(limit, MAX_EVENTS) };
      return (await connection.all(read, args)).map(toLoggedEvent);
    },
    async outsideRuns(after, limit) {
      const args = { ...log.positionOf(after), limit: checkLimit(limit, MAX_EVENTS) };
      return (await connection.all(outsideRuns, args)).map(toLoggedBoardEvent);
    },
    async end() {
      const [row] = await connection.all(end, {});
      if (row === undefined) throw new TypeError("a select without a table has one row");
      return row.position;
    },
    async ofRun(workspaceId, runId, afterSequence, limit) {
      const args = { workspace_id: workspaceId, run_id: runId, after: afterSequence, limit: checkLimit(limit, MAX_EVENTS) };
      return (await connection.all(ofRun, args)).map(toLoggedEvent);
    },
  };
}

type ReadArgs = LogPosition & { readonly workspace_id: string; readonly limit: number };
type OutsideRunsArgs = LogPosition & { readonly limit: number };
type OfRunArgs = { readonly workspace_id: string; readonly run_id: string; readonly after: number; readonly limit: number };

function eventStatements({ db, dialect: { log } }: SqlBuilder): {
  read: Statement<ReadArgs, PositionedRow>;
  outsideRuns: Statement<OutsideRunsArgs, PositionedRow>;
  end: Statement<object, Pick<PositionedRow, "position">>;
  ofRun: Statement<OfRunArgs, PositionedRow>;
} {
  const columns = [log.cursor.as("position"), "workspace_id", "run_id", "sequence", "entry"] as const;
  const read = statement<ReadArgs>()((p) => {
    const page = db
      .selectFrom("events")
      .select(columns)
      .where("workspace_id", "=", p("workspace_id"))
      .where(log.isAfter({ transaction: p("transaction"), row: p("row") }))
      .limit(p("limit"));
    return log.order.reduce((query, column) => query.orderBy(sql.ref(column)), page);
  });
  const outsideRuns = statement<OutsideRunsArgs>()((p) => {
    const page = db
      .selectFrom("events")
      .select(columns)
      .where("run_id", "is", null)
      .where(log.isAfter({ transaction: p("transaction"), row: p("row") }))
      .limit(p("limit"));
    return log.order.reduce((query, column) => query.orderBy(sql.ref(column)), page);
  });
  const end = statement<object>()(() => db.selectNoFrom(log.end.as("position")));
  const ofRun = statement<OfRunArgs>()((p) =>
    db
      .selectFrom("events")
      .select(columns)
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .where("sequence", ">", p("after"))
      .orderBy("sequence")
      .limit(p("limit")),
  );
  return { read, outsideRuns, end, ofRun };
}

function toLoggedEvent(row: PositionedRow): LoggedEvent {
  return {
    cursor: row.position,
    workspaceId: row.workspace_id,
    runId: row.run_id,
    sequence: row.sequence,
    entry: parseEntry(row.entry, row.run_id, row.position),
  };
}

function toLoggedBoardEvent({ position, workspace_id, entry }: PositionedRow): LoggedBoardEvent {
  return { cursor: position, workspaceId: workspace_id, runId: null, sequence: null, entry: parseBoardEntry(entry, position) };
}
