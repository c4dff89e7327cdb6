import type { RunEvent } from "@millrace/contracts";
import type { RunLimit, RunRecord } from "@millrace/kernel";
import { blockMerged, MillraceError, notFound, taskLimitReached } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { SqlBuilder, Step } from "../connection.js";
import { named, step, stepOf, touching } from "../connection.js";
import type { MomentDialect } from "../dialect.js";
import { LIVE, LIVE_STATUSES } from "../schema/run-status.js";
import type { RunRow, Tables } from "../schema/tables.js";
import type { SqlValue, Statement } from "../statement.js";
import { bySize, statement } from "../statement.js";
import { taken } from "./board-changes.js";
import { rowTable } from "./given-rows.js";
import { fewerThan, missingRow, nothingFrom, refuseWhen } from "./guards.js";

export interface RunKey {
  readonly workspaceId: string;
  readonly runId: string;
}

/** Steps of the changes that touch a run and its events. */
export interface RunChanges {
  insert(record: RunRecord, limit: RunLimit | null): readonly Step[];
  update(record: RunRecord, expected: number): readonly Step[];
  append(workspaceId: string, runId: string, firstSequence: number, events: readonly RunEvent[]): readonly Step[];
  /** Refuses runs that are not there when the commit is through: a change in front may insert them. */
  exist(runs: readonly RunKey[]): readonly Step[];
}

export function runChanges(builder: SqlBuilder): RunChanges {
  const { db } = builder;
  const insert = insertStatement(db);
  const limited = limitSteps(db);
  const free = freeBlockSteps(db);
  const takeTurn = turnSteps(builder);
  const update = updateSteps(builder);
  const missing = missingRow(db, "runs");
  return {
    insert: (record, limit) => [
      ...(limit === null ? [] : takeTurn(record.workspaceId, limit)),
      ...free(record),
      step(insert, runRow(record), { ...taken("run", record.id), unique: () => inProgress(record.blockId) }),
      ...(limit === null ? [] : limited(record, limit)),
    ],
    update,
    append: appendSteps(builder),
    exist: (named) =>
      named.map(({ workspaceId, runId }) => ({
        ...step(missing, { workspace_id: workspaceId, id: runId }, { check: () => notFound("run", runId) }),
        atEnd: true,
      })),
  };
}

/** A statement is compiled for every number of rows there is; this keeps them few. */
const MAX_ROWS = 32;

function chunks(events: readonly RunEvent[]): readonly (readonly RunEvent[])[] {
  return Array.from({ length: Math.ceil(events.length / MAX_ROWS) }, (_, index) => events.slice(index * MAX_ROWS, (index + 1) * MAX_ROWS));
}

function appendSteps({ db, dialect: { moments } }: SqlBuilder): RunChanges["append"] {
  const appendBy = bySize((count) => appendStatement(db, count));
  const many = moments === null ? null : appendMany(db, moments);
  return (workspaceId, runId, firstSequence, events) =>
    chunks(events).map((chunk, index) => {
      const first = firstSequence + index * MAX_ROWS;
      const run = { workspace_id: workspaceId, run_id: runId };
      const rows = chunk.map((event, row) => ({ ...run, sequence: first + row, entry: JSON.stringify(event) }));
      const args = rows.flatMap(({ sequence, entry }, row): readonly (readonly [string, SqlValue])[] => [
        [`sequence_${row}`, sequence],
        [`entry_${row}`, entry],
      ]);
      const one = step(appendBy(rows.length), { ...run, ...Object.fromEntries(args) }, { unique: () => takenSequence(runId, first) });
      return touching(many === null ? one : { ...one, many: many(rows) }, "events");
    });
}

/** In the order of its rows, which is that of their cursors. */
function appendMany(db: Kysely<Tables>, moments: MomentDialect): (rows: readonly EventArgs[]) => Step {
  const given = rowTable<EventArgs>(moments, "event_rows", { workspace_id: "text", run_id: "text", sequence: "bigint", entry: "text" });
  const columns = ["workspace_id", "run_id", "sequence", "entry"] as const;
  const insert = statement<object>()(() => {
    const rows = db.withTables<{ event_rows: EventArgs & { place: number } }>();
    return rows.insertInto("events").columns(columns).expression(rows.selectFrom("event_rows").select(columns).orderBy("place"));
  });
  return (rows) => stepOf(insert, given(rows));
}

type EventArgs = { workspace_id: string; run_id: string; sequence: number; entry: string };
type AppendArgs = { workspace_id: string; run_id: string; [sequence: `sequence_${number}`]: number; [entry: `entry_${number}`]: string };

/** In the order of its rows, which is that of their cursors. */
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

function insertStatement(db: Kysely<Tables>): Statement<RunRow, unknown> {
  return statement<RunRow>()((p) =>
    db.insertInto("runs").values({
      workspace_id: p("workspace_id"),
      id: p("id"),
      block_id: p("block_id"),
      service_id: p("service_id"),
      task_type: p("task_type"),
      status: p("status"),
      revision: p("revision"),
      created_at: p("created_at"),
      updated_at: p("updated_at"),
      shape_version: p("shape_version"),
      document: p("document"),
    }),
  );
}

type LimitArgs = { workspace_id: string; id: string; service_id: string; task_type: string; max: number };

/**
 * A block with a live run says so, whatever else is wrong: databases differ in which index they look at first. Who comes between finds the index.
 * Then whether it is merged: the commit that ends a run by its merge has written both, so who sees no live run any more sees the merge.
 */
function freeBlockSteps(db: Kysely<Tables>): (record: RunRecord) => readonly Step[] {
  const guard = refuseWhen<{ workspace_id: string; block_id: string }>(db, (eb, p) =>
    eb.exists(
      eb.selectFrom("runs").select("id").where("workspace_id", "=", p("workspace_id")).where("block_id", "=", p("block_id")).where(LIVE),
    ),
  );
  const mergedGuard = refuseWhen<{ workspace_id: string; block_id: string }>(db, (eb, p) =>
    eb.exists(
      eb
        .selectFrom("blocks")
        .select("id")
        .where("workspace_id", "=", p("workspace_id"))
        .where("id", "=", p("block_id"))
        .where("merged", "is not", null),
    ),
  );
  return ({ workspaceId, blockId, status }) => {
    const block = { workspace_id: workspaceId, block_id: blockId };
    if (!LIVE_STATUSES.includes(status)) return [];
    return [step(guard, block, { check: () => inProgress(blockId) }), step(mergedGuard, block, { check: () => blockMerged(blockId) })];
  };
}

/** Where several transactions write, starts of one service wait for each other: a count does not see what another one has not committed. */
function turnSteps({ db, dialect: { takeTurn } }: SqlBuilder): (workspaceId: string, limit: RunLimit) => readonly Step[] {
  if (takeTurn === null) return () => [];
  const turn = statement<{ key: string }>()((p) => db.selectNoFrom(takeTurn(p("key")).as("turn")));
  return (workspaceId, { serviceId }) => [step(turn, { key: `millrace/start/${workspaceId}/${serviceId}` })];
}

/** Counts the live runs beside the new one, behind its insert. */
function limitSteps(db: Kysely<Tables>): (record: RunRecord, limit: RunLimit) => readonly Step[] {
  const build = (ofType: boolean): Statement<LimitArgs, unknown> =>
    refuseWhen<LimitArgs>(db, (eb, p) => {
      const live = eb
        .selectFrom("runs")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("workspace_id", "=", p("workspace_id"))
        .where("service_id", "=", p("service_id"))
        .where("id", "!=", p("id"))
        .where(LIVE);
      return eb(ofType ? live.where("task_type", "=", p("task_type")) : live, ">=", p("max"));
    });
  const ofService = build(false);
  const ofType = build(true);
  return ({ workspaceId, id }, limit) => [
    step(
      limit.taskType === null ? ofService : ofType,
      { workspace_id: workspaceId, id, service_id: limit.serviceId, task_type: limit.taskType ?? "", max: limit.max },
      { check: () => taskLimitReached(limit) },
    ),
  ];
}

/** A type, not an interface: a statement's arguments need an index signature. */
type UpdateArgs = RunRow & { expected: number };
type MovedArgs = Pick<UpdateArgs, "workspace_id" | "id" | "expected" | "revision" | "status" | "updated_at" | "shape_version" | "document">;

function updateSteps({ db, dialect }: SqlBuilder): RunChanges["update"] {
  return dialect.moments === null ? updateInTurn(db) : updateAtOnce(db, dialect.moments);
}

/**
 * One statement, refused unless it has changed a row. A writer that waited for another's row lock compares again. A status that stays as
 * it is touches none of its indexes: the database compares what is written.
 */
function updateAtOnce(db: Kysely<Tables>, moments: MomentDialect): RunChanges["update"] {
  const update = statement<UpdateArgs>()((p) =>
    db
      .updateTable("runs")
      .set({
        revision: p("revision"),
        status: p("status"),
        updated_at: p("updated_at"),
        shape_version: p("shape_version"),
        document: p("document"),
      })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where("revision", "=", p("expected"))
      .returning("id"),
  );
  const guard = nothingFrom(db, "moved_run");
  const many = updateMany(db, moments);
  return (record, expected) => {
    const refusals = { check: () => staleRun(record.id, expected), unique: () => inProgress(record.blockId) };
    const row = { ...runRow(record), expected };
    return [{ ...step(guard, {}, refusals), with: [named("moved_run", update, row)], tables: ["runs"], many: many(row) }];
  };
}

function updateMany(db: Kysely<Tables>, moments: MomentDialect): (row: MovedArgs) => Step {
  const given = rowTable<MovedArgs>(moments, "run_rows", {
    workspace_id: "text",
    id: "text",
    expected: "bigint",
    revision: "bigint",
    status: "text",
    updated_at: "bigint",
    shape_version: "integer",
    document: "text",
  });
  const update = statement<object>()(() =>
    db
      .withTables<{ run_rows: MovedArgs }>()
      .updateTable("runs")
      .from("run_rows")
      .set((eb) => ({
        revision: eb.ref("run_rows.revision"),
        status: eb.ref("run_rows.status"),
        updated_at: eb.ref("run_rows.updated_at"),
        shape_version: eb.ref("run_rows.shape_version"),
        document: eb.ref("run_rows.document"),
      }))
      .whereRef("runs.workspace_id", "=", "run_rows.workspace_id")
      .whereRef("runs.id", "=", "run_rows.id")
      .whereRef("runs.revision", "=", "run_rows.expected")
      .returning("runs.id"),
  );
  const moved = named("moved_runs", update, {});
  const guard = fewerThan(db, "moved_runs", "run_rows");
  return (row) => ({ ...stepOf(guard, given([row])), with: [moved] });
}

/**
 * Three statements. The first refuses a run that is not there. The second writes NULL into a NOT NULL
 * revision unless the stored one is `expected`; the comparison is part of the write, so a writer that
 * waited for another's row lock compares again. The third writes the status only when it changes:
 * three indexes hold it, and rewriting them with what they have would double the pages a commit writes.
 */
function updateInTurn(db: Kysely<Tables>): RunChanges["update"] {
  const guard = missingRow(db, "runs");
  const update = statement<UpdateArgs>()((p) =>
    db
      .updateTable("runs")
      .set({
        revision: sql<number>`case when revision = ${p("expected")} then cast(${p("revision")} as bigint) end`,
        updated_at: p("updated_at"),
        shape_version: p("shape_version"),
        document: p("document"),
      })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  const setStatus = statement<UpdateArgs>()((p) =>
    db
      .updateTable("runs")
      .set({ status: p("status") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where("status", "!=", p("status")),
  );
  return (record, expected) => {
    const row = { ...runRow(record), expected };
    const stale = () => staleRun(record.id, expected);
    return [
      step(guard, row, { check: stale }),
      step(update, row, { "not-null": stale }),
      step(setStatus, row, { unique: () => inProgress(record.blockId) }),
    ];
  };
}

function runRow(record: RunRecord): RunRow {
  return {
    workspace_id: record.workspaceId,
    id: record.id,
    block_id: record.blockId,
    service_id: record.serviceId,
    task_type: record.taskType,
    status: record.status,
    revision: record.revision,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    shape_version: record.shapeVersion,
    document: JSON.stringify(record.document),
  };
}

function inProgress(blockId: string): MillraceError {
  return new MillraceError("run_in_progress", `block '${blockId}' has a live run already`, {
    fix: "Wait until it ends, or stop it first.",
    details: { blockId },
  });
}

function staleRun(id: string, expected: number): MillraceError {
  return new MillraceError("stale_revision", `run '${id}' is not at revision ${expected} any more`, {
    fix: "Load it again and decide again.",
    details: { id, expected },
  });
}

function takenSequence(id: string, sequence: number): MillraceError {
  return new MillraceError("stale_revision", `run '${id}' has events at position ${sequence} or behind it already`, {
    fix: "Load it again and decide again.",
    details: { id, sequence },
  });
}
