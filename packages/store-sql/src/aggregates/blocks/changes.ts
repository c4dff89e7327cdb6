import type { BlockChanges, Clock } from "@millrace/kernel";
import { blockChanged, blockInUse, blueprintKeyTaken, notFound, runInProgress } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { blockRef, toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { missingRow, refuseWhen } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import type { Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import { LIVE } from "../runs/run-status.js";
import type { Tables } from "../tables.js";
import { blockLock } from "./block-lock.js";
import { insertBlock } from "./insert.js";
import { patchBlock, type BlockKey } from "./patch.js";
import { removedGuard } from "./removed.js";

export function blockChanges(builder: SqlBuilder, clock: Clock): ChangeHandlers<BlockChanges> {
  const { db } = builder;
  const missing = missingRow(db, "blocks");
  const inRemoved = removedGuard(db);
  const move = statement<BlockKey & { parent_id: string; updated_at: number }>()((p) =>
    db
      .updateTable("blocks")
      .set({ parent_id: p("parent_id"), updated_at: p("updated_at") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  return {
    "insert-block": insertBlock(builder, clock),
    "patch-block": patchBlock(builder, clock),
    "revise-block": reviseBlock(db, missing),
    "move-block": ({ workspaceId, id, parentId }) => {
      const key = { workspace_id: workspaceId, id };
      return [
        { ...toCommit(missing, key, { check: () => notFound("block", id) }), ensures: blockRef(workspaceId, id) },
        ...[id, parentId].map((each) => inRemoved(workspaceId, each)),
        {
          ...toCommit(move, { ...key, parent_id: parentId, updated_at: clock.now() }, { unique: () => blueprintKeyTaken(id) }),
          needs: [blockRef(workspaceId, parentId)],
        },
      ];
    },
    "keep-block-idle": keepIdle(builder, missing),
    "release-block": releaseBlock(db, clock),
  };
}

/** One update for each revision: NULL where it is not the expected one, which the column refuses. */
function reviseBlock(db: Kysely<Tables>, missing: Statement<BlockKey, unknown>): ChangeHandlers<BlockChanges>["revise-block"] {
  const revise = (column: "revision" | "position_revision") =>
    statement<BlockKey & { expected: number | null }>()((p) =>
      db
        .updateTable("blocks")
        .set({
          [column]: sql`case when ${sql.ref(column)} = coalesce(${p("expected")}, ${sql.ref(column)}) then ${sql.ref(column)} + 1 end`,
        })
        .where("workspace_id", "=", p("workspace_id"))
        .where("id", "=", p("id")),
    );
  const statements = { block: revise("revision"), position: revise("position_revision") };
  return ({ workspaceId, id, of, expected }) => {
    const key = { workspace_id: workspaceId, id };
    return [
      { ...toCommit(missing, key, { check: () => notFound("block", id) }), ensures: blockRef(workspaceId, id) },
      toCommit(statements[of], { ...key, expected }, { "not-null": () => blockChanged(id, expected ?? 0) }),
    ];
  };
}

function keepIdle(builder: SqlBuilder, missing: Statement<BlockKey, unknown>): ChangeHandlers<BlockChanges>["keep-block-idle"] {
  const { db } = builder;
  const lock = blockLock(builder);
  const idle = refuseWhen<BlockKey>(db, (eb, p) => {
    const live = eb.selectFrom("runs").select("id").where("workspace_id", "=", p("workspace_id")).where(LIVE);
    return eb.or([eb.exists(live.where("block_id", "=", p("id"))), eb.exists(live.where("service_id", "=", p("id")))]);
  });
  return ({ workspaceId, id }) => {
    const key = { workspace_id: workspaceId, id };
    return [
      ...lock(workspaceId, id),
      { ...toCommit(missing, key, { check: () => notFound("block", id) }), ensures: blockRef(workspaceId, id) },
      toCommit(idle, key, { check: () => runInProgress(id) }),
    ];
  };
}

/** The write carries its own condition, so that it sees a writer it waited for; the guard after it refuses the commit if nothing was written. */
function releaseBlock(db: Kysely<Tables>, clock: Clock): ChangeHandlers<BlockChanges>["release-block"] {
  const release = statement<BlockKey & { run_id: string; updated_at: number }>()((p) =>
    db
      .updateTable("blocks")
      .set({ status: sql.lit("planned"), progress: sql.lit(0), run_id: null, updated_at: p("updated_at") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where("run_id", "=", p("run_id"))
      .where("merged", "is", null)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb.selectFrom("runs").select("id").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("run_id")).where(LIVE),
          ),
        ),
      ),
  );
  const guard = refuseWhen<BlockKey>(db, (eb, p) =>
    eb.not(
      eb.exists(
        eb
          .selectFrom("blocks")
          .select("id")
          .where("workspace_id", "=", p("workspace_id"))
          .where("id", "=", p("id"))
          .where("run_id", "is", null)
          .where("status", "=", sql.lit("planned")),
      ),
    ),
  );
  return ({ workspaceId, id, runId }) => {
    const key = { workspace_id: workspaceId, id };
    return [
      toCommit(release, { ...key, run_id: runId, updated_at: clock.now() }),
      toCommit(guard, key, { check: () => blockInUse(id, runId) }),
    ];
  };
}
