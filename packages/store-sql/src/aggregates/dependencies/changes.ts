import type { DependencyChanges } from "@millrace/kernel";
import { dependencyCycle, dependencyThere, MAX_DEPENDENCIES, notFound, tooManyDependencies } from "@millrace/kernel";
import type { SqlBool } from "kysely";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import { dependencyLock } from "./lock.js";
import type { DependencyRow } from "./table.js";

type Key = { workspace_id: string; block_id: string; on_id: string };

export function dependencyChanges(builder: SqlBuilder): ChangeHandlers<DependencyChanges> {
  const { db } = builder;
  const lock = dependencyLock(builder);
  const notTask = refuseWhen<{ workspace_id: string; id: string }>(db, (eb, p) =>
    eb.not(
      eb.exists(
        eb
          .selectFrom("blocks")
          .select("id")
          .where("workspace_id", "=", p("workspace_id"))
          .where("id", "=", p("id"))
          .where("level", "=", sql.lit("task"))
          .where("removed_at", "is", null),
      ),
    ),
  );
  const cyclic = refuseWhen<Key>(db, (_, p) => {
    const before = sql`select on_id from dependencies where workspace_id = ${p("workspace_id")} and block_id = ${p("on_id")}`;
    const next = sql`
      select more.on_id from before join dependencies as more
      on more.workspace_id = ${p("workspace_id")} and more.block_id = before.id`;
    const reached = sql`with recursive before (id) as (${before} union ${next}) select 1 from before where id = ${p("block_id")}`;
    return sql<SqlBool>`exists (${reached})`;
  });
  const insert = statement<DependencyRow>()((p) =>
    db.insertInto("dependencies").values({
      workspace_id: p("workspace_id"),
      block_id: p("block_id"),
      on_id: p("on_id"),
      created_at: p("created_at"),
    }),
  );
  const tooMany = refuseWhen<Key>(db, (eb, p) =>
    eb(
      eb
        .selectFrom("dependencies")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("workspace_id", "=", p("workspace_id"))
        .where("block_id", "=", p("block_id")),
      ">",
      sql.lit(MAX_DEPENDENCIES),
    ),
  );
  const missing = refuseWhen<Key>(db, (eb, p) =>
    eb.not(
      eb.exists(
        eb
          .selectFrom("dependencies")
          .select("on_id")
          .where("workspace_id", "=", p("workspace_id"))
          .where("block_id", "=", p("block_id"))
          .where("on_id", "=", p("on_id")),
      ),
    ),
  );
  const remove = statement<Key>()((p) =>
    db
      .deleteFrom("dependencies")
      .where("workspace_id", "=", p("workspace_id"))
      .where("block_id", "=", p("block_id"))
      .where("on_id", "=", p("on_id")),
  );
  return {
    "add-dependency": ({ dependency: { workspaceId, blockId, onId, createdAt } }) => {
      if (blockId === onId) throw dependencyCycle([blockId, onId]);
      const key = { workspace_id: workspaceId, block_id: blockId, on_id: onId };
      return [
        ...lock(workspaceId),
        ...[blockId, onId].map((id) => toCommit(notTask, { workspace_id: workspaceId, id }, { check: () => notFound("task", id) })),
        toCommit(cyclic, key, { check: () => dependencyCycle([blockId, onId, blockId]) }),
        toCommit(insert, { ...key, created_at: createdAt }, { "primary-key": () => dependencyThere(blockId, onId) }),
        toCommit(tooMany, key, { check: () => tooManyDependencies(blockId) }),
      ];
    },
    "remove-dependency": ({ workspaceId, blockId, onId }) => {
      const key = { workspace_id: workspaceId, block_id: blockId, on_id: onId };
      return [
        ...lock(workspaceId),
        toCommit(missing, key, { check: () => notFound("dependency", `${blockId} on ${onId}`) }),
        toCommit(remove, key),
      ];
    },
  };
}
