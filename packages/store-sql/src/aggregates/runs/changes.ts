import type { RunChanges, RunLimit, RunRecord } from "@millrace/kernel";
import { blockMerged, MillraceError, runInProgress, taskLimitReached } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import {
  blockRef,
  rowSetToCommit,
  runRef,
  toCommit,
  toCte,
  type ChangeHandlers,
  type CommitStatement,
} from "../../commit/commit-statement.js";
import { fewerThan, missingRow, nothingFrom, refuseWhen, taken } from "../../commit/guards.js";
import { rowSet } from "../../commit/row-set.js";
import type { SqlBuilder } from "../../connection.js";
import type { WritableCteDialect } from "../../dialect.js";
import type { Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import { blockLock } from "../blocks/block-lock.js";
import { removedGuard } from "../blocks/removed.js";
import { LIVE, LIVE_STATUSES } from "./run-status.js";
import type { RunRow } from "./table.js";

export function runChanges(builder: SqlBuilder): ChangeHandlers<RunChanges> {
  const { db, dialect } = builder;
  const insert = insertRunStatement(db);
  const limited = limitGuard(db);
  const free = freeBlockGuards(db);
  const lock = startLock(builder);
  const lockBlock = blockLock(builder);
  return {
    "insert-run": ({ record, limit = null, isBehindMerge = false }) => [
      ...(limit === null ? [] : lock(record.workspaceId, limit)),
      ...lockBlock(record.workspaceId, record.blockId),
      ...(record.serviceId === null ? [] : lockBlock(record.workspaceId, record.serviceId)),
      ...free(record, isBehindMerge),
      {
        ...toCommit(insert, runRow(record), { ...taken("run", record.id), unique: () => runInProgress(record.blockId) }),
        ensures: runRef(record.workspaceId, record.id),
        needs: [blockRef(record.workspaceId, record.blockId)],
      },
      ...(limit === null ? [] : limited(record, limit)),
    ],
    "update-run": dialect.supportsWritableCtes ? updateWithCte(db, dialect) : updateSequentially(db),
    "end-run": endRun(db),
    "place-runs": placeRuns(db),
  };
}

function insertRunStatement(db: Kysely<Tables>): Statement<RunRow, unknown> {
  return statement<RunRow>()((p) =>
    db.insertInto("runs").values({
      workspace_id: p("workspace_id"),
      id: p("id"),
      block_id: p("block_id"),
      service_id: p("service_id"),
      task_type: p("task_type"),
      pipeline_id: p("pipeline_id"),
      pipeline_digest: p("pipeline_digest"),
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
 * Check for a live run first, so that every database reports `run_in_progress` rather than another violation. A run inserted after this
 * check still hits the unique index. Then check for a merge: the commit that ends a run by its merge writes both, so a transaction that
 * no longer sees the live run sees the merge.
 */
function freeBlockGuards(db: Kysely<Tables>): (record: RunRecord, isBehindMerge: boolean) => readonly CommitStatement[] {
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
  const inRemoved = removedGuard(db);
  return ({ workspaceId, blockId, status }, isBehindMerge) => {
    const block = { workspace_id: workspaceId, block_id: blockId };
    if (!LIVE_STATUSES.includes(status)) return [];
    return [
      toCommit(guard, block, { check: () => runInProgress(blockId) }),
      ...(isBehindMerge ? [] : [toCommit(mergedGuard, block, { check: () => blockMerged(blockId) })]),
      inRemoved(workspaceId, blockId),
    ];
  };
}

/** Where several transactions write at a time, starts of one service wait for each other: a count misses what another has not committed. */
function startLock({ db, dialect: { advisoryLock } }: SqlBuilder): (workspaceId: string, limit: RunLimit) => readonly CommitStatement[] {
  if (advisoryLock === null) return () => [];
  const lock = statement<{ key: string }>()((p) => db.selectNoFrom(advisoryLock(p("key")).as("lock")));
  return (workspaceId, { serviceId }) => [toCommit(lock, { key: `millrace/start/${workspaceId}/${serviceId}` })];
}

/** Counts the live runs beside the new one, after its insert. */
function limitGuard(db: Kysely<Tables>): (record: RunRecord, limit: RunLimit) => readonly CommitStatement[] {
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
    toCommit(
      limit.taskType === null ? ofService : ofType,
      { workspace_id: workspaceId, id, service_id: limit.serviceId, task_type: limit.taskType ?? "", max: limit.max },
      { check: () => taskLimitReached(limit) },
    ),
  ];
}

/** A type, not an interface: a statement's arguments need an index signature. */
type UpdateArgs = RunRow & { expected: number };
type MovedArgs = Pick<UpdateArgs, "workspace_id" | "id" | "expected" | "revision" | "status" | "updated_at" | "shape_version" | "document">;

/**
 * One statement, refused unless it has changed a row. A writer that waited for another's row lock compares again. A status that stays as
 * it is touches none of its indexes: the database compares the values.
 */
function updateWithCte(db: Kysely<Tables>, dialect: WritableCteDialect): ChangeHandlers<RunChanges>["update-run"] {
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
  const bulk = bulkUpdate(db, dialect);
  return ({ record, expected }) => {
    const refusals = { check: () => staleRun(record.id, expected), unique: () => runInProgress(record.blockId) };
    const row = { ...runRow(record), expected };
    const ctes = [toCte("moved_run", update, row)];
    return [{ ...toCommit(guard, {}, refusals), ctes, tables: ["runs"], bulk: bulk(row), ensures: runRef(record.workspaceId, record.id) }];
  };
}

function bulkUpdate(db: Kysely<Tables>, dialect: WritableCteDialect): (row: MovedArgs) => CommitStatement {
  const rows = rowSet<MovedArgs>(dialect, "run_rows", {
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
  const ctes = [toCte("moved_runs", update, {})];
  const guard = fewerThan(db, "moved_runs", "run_rows");
  return (row) => ({ ...rowSetToCommit(guard, rows([row])), ctes });
}

/**
 * Three statements. The first refuses a run that is missing. The second writes NULL into a NOT NULL
 * revision unless the stored one is `expected`; the comparison is part of the write, so a writer that
 * waited for another's row lock compares again. The third writes the status only when it changes:
 * three indexes hold it, and rewriting them unchanged would double the pages a commit writes.
 */
function updateSequentially(db: Kysely<Tables>): ChangeHandlers<RunChanges>["update-run"] {
  const missing = missingRow(db, "runs");
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
  return ({ record, expected }) => {
    const row = { ...runRow(record), expected };
    const stale = () => staleRun(record.id, expected);
    return [
      { ...toCommit(missing, row, { check: stale }), ensures: runRef(record.workspaceId, record.id) },
      toCommit(update, row, { "not-null": stale }),
      toCommit(setStatus, row, { unique: () => runInProgress(record.blockId) }),
    ];
  };
}

type EndArgs = { workspace_id: string; id: string; expected: number; ended: string; updated_at: number };

/** Rare, so one form for all databases: refuses a missing run, then writes NULL into the revision unless the stored one is `expected`. */
function endRun(db: Kysely<Tables>): ChangeHandlers<RunChanges>["end-run"] {
  const missing = missingRow(db, "runs");
  const end = statement<EndArgs>()((p) =>
    db
      .updateTable("runs")
      .set({
        revision: sql<number>`case when revision = ${p("expected")} then revision + 1 end`,
        status: sql.lit("failed"),
        updated_at: p("updated_at"),
        ended: p("ended"),
      })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  return ({ workspaceId, id, expected, ended }) => {
    const key = { workspace_id: workspaceId, id };
    const stale = () => staleRun(id, expected);
    return [
      { ...toCommit(missing, key, { check: stale }), ensures: runRef(workspaceId, id) },
      toCommit(end, { ...key, expected, ended: JSON.stringify(ended), updated_at: ended.at }, { "not-null": stale }),
    ];
  };
}

function placeRuns(db: Kysely<Tables>): ChangeHandlers<RunChanges>["place-runs"] {
  const place = statement<{ workspace_id: string; block_id: string; service_id: string }>()((p) =>
    db
      .updateTable("runs")
      .set({ service_id: p("service_id") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("block_id", "=", p("block_id")),
  );
  return ({ workspaceId, blockId, serviceId }) => [
    toCommit(place, { workspace_id: workspaceId, block_id: blockId, service_id: serviceId }),
  ];
}

function runRow(record: RunRecord): RunRow {
  return {
    workspace_id: record.workspaceId,
    id: record.id,
    block_id: record.blockId,
    service_id: record.serviceId,
    task_type: record.taskType,
    pipeline_id: record.pipeline.id,
    pipeline_digest: record.pipeline.digest,
    status: record.status,
    revision: record.revision,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    shape_version: record.shapeVersion,
    document: JSON.stringify(record.document),
  };
}

function staleRun(id: string, expected: number): MillraceError {
  return new MillraceError("stale_revision", `run '${id}' is not at revision ${expected} any more`, {
    fix: "Load it again and decide again.",
    details: { id, expected },
  });
}
