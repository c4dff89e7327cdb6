import type { Block } from "@millrace/contracts";
import type { BlockChanges, Clock } from "@millrace/kernel";
import { blueprintKeyTaken, boardFull, placeTaken } from "@millrace/kernel";
import type { Insertable, Kysely } from "kysely";
import { sql } from "kysely";
import { blockRef, toCommit, workspaceRef, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen, taken } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import type { SqlValue, Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import { boardLock } from "./block-lock.js";
import { blockColumns, toRow } from "./columns.js";
import { removedGuard } from "./removed.js";
import type { BlockRow } from "./table.js";
import { IS_HOLDER, IS_TASK, OPEN } from "./task-status.js";

/** Inserts of one board are one at a time, so that each sees the numbers and the count of those before it. */
export function insertBlock(builder: SqlBuilder, clock: Clock): ChangeHandlers<BlockChanges>["insert-block"] {
  const { db } = builder;
  const lock = boardLock(builder);
  const insert = insertStatement(db);
  const place = placeGuard(db);
  const tooMany = countGuards(db);
  const inRemoved = removedGuard(db);
  return ({ block, max, isPlaceFree = false }) => {
    const { workspaceId, id, parentId, level } = block;
    const row = toRow(block);
    const needs = [workspaceRef(workspaceId), ...(parentId === null ? [] : [blockRef(workspaceId, parentId)])];
    return [
      ...lock(workspaceId),
      ...(parentId === null ? [] : [inRemoved(workspaceId, parentId)]),
      ...(isPlaceFree ? [toCommit(place, placeOf(block), { check: () => placeTaken(block) })] : []),
      {
        ...toCommit(insert, { ...row, updated_at: clock.now() }, { ...taken("block", id), unique: () => blueprintKeyTaken(id) }),
        ensures: blockRef(workspaceId, id),
        needs,
      },
      ...(max === undefined ? [] : [toCommit(tooMany[level], { workspace_id: workspaceId, max }, { check: () => boardFull(block, max) })]),
    ];
  };
}

function placeOf({ workspaceId, parentId, position }: Block): { workspace_id: string; parent_id: string; position: string } {
  return { workspace_id: workspaceId, parent_id: parentId ?? "", position: JSON.stringify(position) };
}

function insertStatement(db: Kysely<Tables>): Statement<Record<string, SqlValue>, unknown> {
  return statement<Record<string, SqlValue>>()((p) => {
    const given = Object.fromEntries([...blockColumns, "updated_at"].map((column) => [column, p(column)]));
    const next = sql<number>`(select coalesce(max(sequence), 0) + 1 from blocks where workspace_id = ${p("workspace_id")})`;
    return db.insertInto("blocks").values({ ...given, sequence: next } as Insertable<BlockRow>);
  });
}

function placeGuard(db: Kysely<Tables>): Statement<{ workspace_id: string; parent_id: string; position: string }, unknown> {
  return refuseWhen<{ workspace_id: string; parent_id: string; position: string }>(db, (eb, p) =>
    eb.exists(
      eb
        .selectFrom("blocks")
        .select("id")
        .where("workspace_id", "=", p("workspace_id"))
        .where("parent_id", "=", p("parent_id"))
        .where("level", "=", sql.lit("module"))
        .where("position", "=", p("position")),
    ),
  );
}

/** Counts after the insert, the new one among them. */
function countGuards(
  db: Kysely<Tables>,
): Readonly<Record<Block["level"], Statement<{ readonly workspace_id: string; readonly max: number }, unknown>>> {
  const guard = (level: Block["level"]) =>
    refuseWhen<{ workspace_id: string; max: number }>(db, (eb, p) => {
      const counted = eb
        .selectFrom("blocks")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("workspace_id", "=", p("workspace_id"));
      const ofLevel = level === "task" ? counted.where(IS_TASK).where(OPEN) : counted.where(IS_HOLDER).where("level", "=", sql.lit(level));
      return eb(ofLevel, ">", p("max"));
    });
  return { service: guard("service"), module: guard("module"), task: guard("task") };
}
