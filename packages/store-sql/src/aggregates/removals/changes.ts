import type { RemovalChanges } from "@millrace/kernel";
import { blockHoldsBlocks, notFound } from "@millrace/kernel";
import { sql } from "kysely";
import { blockRef, toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { missingRow, refuseWhen } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import { dependencyLock } from "../dependencies/lock.js";
import { furtherColumns, rowsOfBlocks } from "./rows-of-blocks.js";
import type { RemovalRow } from "./table.js";

type Key = { workspace_id: string; id: string };

export function removalChanges(builder: SqlBuilder): ChangeHandlers<RemovalChanges> {
  const { db } = builder;
  const lock = dependencyLock(builder);
  const missing = missingRow(db, "blocks");
  const offBoard = refuseWhen<Key>(db, (eb, p) =>
    eb.not(
      eb.exists(
        eb
          .selectFrom("blocks")
          .select("id")
          .where("workspace_id", "=", p("workspace_id"))
          .where("id", "=", p("id"))
          .where("removed_at", "is", null),
      ),
    ),
  );
  const takeOff = statement<Key & { at: number }>()((p) =>
    db
      .updateTable("blocks")
      .set({ removed_at: p("at") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where("removed_at", "is", null),
  );
  const insert = statement<RemovalRow>()((p) =>
    db.insertInto("removals").values({
      workspace_id: p("workspace_id"),
      root_id: p("root_id"),
      title: p("title"),
      level: p("level"),
      actor: p("actor"),
      on_behalf_of: p("on_behalf_of"),
      due_at: p("due_at"),
    }),
  );
  const end = statement<{ workspace_id: string; root_id: string }>()((p) =>
    db.deleteFrom("removals").where("workspace_id", "=", p("workspace_id")).where("root_id", "=", p("root_id")),
  );
  const holds = refuseWhen<Key>(db, (eb, p) =>
    eb.exists(
      eb
        .selectFrom("blocks")
        .select("id")
        .where("workspace_id", "=", p("workspace_id"))
        .where("parent_id", "=", p("id"))
        .where("removed_at", "is", null),
    ),
  );
  const drops = rowsThatGo().map(([table, column]) =>
    statement<Key>()((p) => {
      const drop = sql`delete from ${sql.table(table)} where workspace_id = ${p("workspace_id")} and ${sql.ref(column)} = ${p("id")}`;
      return { compile: () => drop.compile(db) };
    }),
  );
  const remove = statement<Key>()((p) =>
    db
      .deleteFrom("blocks")
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where((eb) =>
        eb.not(
          eb.exists(eb.selectFrom("runs").select("runs.id").where("workspace_id", "=", p("workspace_id")).where("block_id", "=", p("id"))),
        ),
      )
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("blocks as child")
              .select("child.id")
              .where("child.workspace_id", "=", p("workspace_id"))
              .where("child.parent_id", "=", p("id")),
          ),
        ),
      ),
  );
  return {
    "begin-removal": ({ removal: { workspaceId, rootId, title, level, actor, onBehalfOf, dueAt }, at }) => {
      const key = { workspace_id: workspaceId, id: rootId };
      const row = { workspace_id: workspaceId, root_id: rootId, title, level, actor: JSON.stringify(actor), due_at: dueAt };
      return [
        { ...toCommit(offBoard, key, { check: () => notFound("block", rootId) }), ensures: blockRef(workspaceId, rootId) },
        toCommit(takeOff, { ...key, at }),
        toCommit(insert, { ...row, on_behalf_of: onBehalfOf }, { "primary-key": () => notFound("block", rootId) }),
      ];
    },
    "remove-block": ({ workspaceId, id, at }) => {
      const key = { workspace_id: workspaceId, id };
      return [
        ...lock(workspaceId),
        toCommit(missing, key, { check: () => notFound("block", id) }),
        toCommit(holds, key, { check: () => blockHoldsBlocks(id) }),
        ...drops.map((drop) => toCommit(drop, key)),
        toCommit(remove, key),
        toCommit(takeOff, { ...key, at }),
      ];
    },
    "end-removal": ({ workspaceId, rootId }) => [toCommit(end, { workspace_id: workspaceId, root_id: rootId })],
  };
}

/** Tables and columns of the rows that go with a block. */
function rowsThatGo(): readonly (readonly [table: string, column: string])[] {
  const own = Object.entries(rowsOfBlocks).filter(([, what]) => what === "goes");
  return [...own.map(([table]) => [table, "block_id"] as const), ...furtherColumns];
}
