import type { MountChanges } from "@millrace/kernel";
import { MAX_MOUNTS, mountMoved, mountThere, notFound, tooManyMounts } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, workspaceRef, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { MountRow } from "./table.js";

type Key = { workspace_id: string; service_id: string };
type PlaceArgs = Key & { x: number | null; y: number | null; sized: number; w: number | null; h: number | null; expected: number | null };

export function mountChanges(builder: SqlBuilder): ChangeHandlers<MountChanges> {
  const { db } = builder;
  const lock = boardLock(builder);
  const insert = statement<MountRow>()((p) =>
    db.insertInto("mounts").values({
      workspace_id: p("workspace_id"),
      service_id: p("service_id"),
      home_id: p("home_id"),
      x: p("x"),
      y: p("y"),
      w: p("w"),
      h: p("h"),
      revision: p("revision"),
      created_at: p("created_at"),
    }),
  );
  const tooMany = refuseWhen<{ workspace_id: string }>(db, (eb, p) =>
    eb(
      eb
        .selectFrom("mounts")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("workspace_id", "=", p("workspace_id")),
      ">",
      sql.lit(MAX_MOUNTS),
    ),
  );
  const missing = refuseWhen<Key>(db, (eb, p) =>
    eb.not(
      eb.exists(
        eb
          .selectFrom("mounts")
          .select("service_id")
          .where("workspace_id", "=", p("workspace_id"))
          .where("service_id", "=", p("service_id")),
      ),
    ),
  );
  const place = statement<PlaceArgs>()((p) =>
    db
      .updateTable("mounts")
      .set({
        x: sql<number>`coalesce(cast(${p("x")} as double precision), x)`,
        y: sql<number>`coalesce(cast(${p("y")} as double precision), y)`,
        w: sql<number>`case when ${p("sized")} = 1 then cast(${p("w")} as double precision) else w end`,
        h: sql<number>`case when ${p("sized")} = 1 then cast(${p("h")} as double precision) else h end`,
        revision: sql<number>`case when revision = coalesce(cast(${p("expected")} as integer), revision) then revision + 1 end`,
      })
      .where("workspace_id", "=", p("workspace_id"))
      .where("service_id", "=", p("service_id")),
  );
  const remove = statement<Key>()((p) =>
    db.deleteFrom("mounts").where("workspace_id", "=", p("workspace_id")).where("service_id", "=", p("service_id")),
  );
  const mustBeThere = (key: Key): CommitStatement => toCommit(missing, key, { check: () => notFound("mount", key.service_id) });
  return {
    "insert-mount": ({ mount: { workspaceId, serviceId, homeId, position, size, revision, createdAt } }) => {
      const key = { workspace_id: workspaceId, service_id: serviceId };
      const layout = { ...position, w: size?.w ?? null, h: size?.h ?? null };
      const row = { ...key, ...layout, home_id: homeId, revision, created_at: createdAt };
      const refusals = { "primary-key": () => mountThere(workspaceId, serviceId) };
      return [
        ...lock(workspaceId),
        { ...toCommit(insert, row, refusals), needs: [workspaceRef(workspaceId)] },
        toCommit(tooMany, key, { check: () => tooManyMounts(workspaceId) }),
      ];
    },
    "place-mount": ({ workspaceId, serviceId, position, size, expected }) => {
      const key = { workspace_id: workspaceId, service_id: serviceId };
      const layout = {
        x: position?.x ?? null,
        y: position?.y ?? null,
        sized: size === undefined ? 0 : 1,
        w: size?.w ?? null,
        h: size?.h ?? null,
      };
      return [
        mustBeThere(key),
        toCommit(place, { ...key, ...layout, expected }, { "not-null": () => mountMoved(serviceId, expected ?? 0) }),
      ];
    },
    "remove-mount": ({ workspaceId, serviceId }) => {
      const key = { workspace_id: workspaceId, service_id: serviceId };
      return [mustBeThere(key), toCommit(remove, key)];
    },
  };
}

/** Where several transactions write at a time, services come onto a board one after the other: a count misses what another has not committed. */
function boardLock({ db, dialect: { advisoryLock } }: SqlBuilder): (workspaceId: string) => readonly CommitStatement[] {
  if (advisoryLock === null) return () => [];
  const lock = statement<{ key: string }>()((p) => db.selectNoFrom(advisoryLock(p("key")).as("lock")));
  return (workspaceId) => [toCommit(lock, { key: `millrace/mounts/${workspaceId}` })];
}
