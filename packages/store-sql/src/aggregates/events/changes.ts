import type { EventChanges } from "@millrace/kernel";
import { MillraceError, auditOfBoard, auditOfRun } from "@millrace/kernel";
import type { Kysely } from "kysely";
import {
  rowSetToCommit,
  runRef,
  toCommit,
  touching,
  workspaceRef,
  type ChangeHandlers,
  type CommitStatement,
} from "../../commit/commit-statement.js";
import { chunksFor } from "../../commit/chunks.js";
import { rowSet } from "../../commit/row-set.js";
import type { SqlBuilder } from "../../connection.js";
import type { WritableCteDialect } from "../../dialect.js";
import type { SqlValue, Statement } from "../../statement.js";
import { bySize, statement } from "../../statement.js";
import { auditAppend } from "../audit/append.js";
import type { Tables } from "../tables.js";

export function eventChanges(builder: SqlBuilder): ChangeHandlers<EventChanges> {
  const { db } = builder;
  const appendToBoard = statement<{ workspace_id: string; entry: string }>()((p) =>
    db.insertInto("events").values({ workspace_id: p("workspace_id"), run_id: null, sequence: null, entry: p("entry") }),
  );
  const audit = auditAppend(builder);
  const appendEvents = appendToRun(builder);
  return {
    "append-run-events": (change) => [
      ...appendEvents(change),
      ...change.events.flatMap((event) => audit(change.workspaceId, auditOfRun(event, change.runId, change.blockId ?? null))),
    ],
    "append-board-event": ({ workspaceId, event }) => [
      {
        ...toCommit(appendToBoard, { workspace_id: workspaceId, entry: JSON.stringify(event) }),
        needs: [workspaceRef(workspaceId)],
      },
      ...audit(workspaceId, auditOfBoard(event)),
    ],
  };
}

const COLUMNS = ["workspace_id", "run_id", "sequence", "entry"] as const;

function appendToRun({ db, dialect }: SqlBuilder): ChangeHandlers<EventChanges>["append-run-events"] {
  const appendBy = bySize((count) => appendStatement(db, count));
  const bulk = dialect.supportsWritableCtes ? bulkAppend(db, dialect) : null;
  return ({ workspaceId, runId, firstSequence, events }) => {
    const run = { workspace_id: workspaceId, run_id: runId };
    const all = events.map((event, index) => ({ ...run, sequence: firstSequence + index, entry: JSON.stringify(event) }));
    return chunksFor(dialect, COLUMNS.length, all).map((rows) => {
      const first = rows[0]?.sequence ?? firstSequence;
      const args = rows.flatMap(({ sequence, entry }, row): readonly (readonly [string, SqlValue])[] => [
        [`sequence_${row}`, sequence],
        [`entry_${row}`, entry],
      ]);
      const one = {
        ...toCommit(appendBy(rows.length), { ...run, ...Object.fromEntries(args) }, { unique: () => takenSequence(runId, first) }),
        needs: [runRef(workspaceId, runId)],
      };
      return touching(bulk === null ? one : { ...one, bulk: bulk(rows) }, "events");
    });
  };
}

/** Inserts in the order of the rows, which is that of their cursors. */
function bulkAppend(db: Kysely<Tables>, dialect: WritableCteDialect): (rows: readonly EventArgs[]) => CommitStatement {
  const types = { workspace_id: "text", run_id: "text", sequence: "bigint", entry: "text" } as const;
  const eventRows = rowSet<EventArgs>(dialect, "event_rows", types);
  const insert = statement<object>()(() => {
    const rows = db.withTables<{ event_rows: EventArgs & { ordinal: number } }>();
    return rows.insertInto("events").columns(COLUMNS).expression(rows.selectFrom("event_rows").select(COLUMNS).orderBy("ordinal"));
  });
  return (rows) => rowSetToCommit(insert, eventRows(rows));
}

type EventArgs = { workspace_id: string; run_id: string; sequence: number; entry: string };
type AppendArgs = { workspace_id: string; run_id: string; [sequence: `sequence_${number}`]: number; [entry: `entry_${number}`]: string };

/** Inserts in the order of the rows, which is that of their cursors. */
function appendStatement(db: Kysely<Tables>, count: number): Statement<AppendArgs, unknown> {
  return statement<AppendArgs>()((p) =>
    db.insertInto("events").values(
      Array.from({ length: count }, (_, index) => ({
        workspace_id: p("workspace_id"),
        run_id: p("run_id"),
        sequence: p(`sequence_${index}`),
        entry: p(`entry_${index}`),
      })),
    ),
  );
}

function takenSequence(id: string, sequence: number): MillraceError {
  return new MillraceError("stale_revision", `run '${id}' has events at position ${sequence} or after it already`, {
    fix: "Load it again and decide again.",
    details: { id, sequence },
  });
}
