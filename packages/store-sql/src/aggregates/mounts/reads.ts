import { mountSchema, shownMountSchema } from "@millrace/contracts";
import type { MountedHome, MountReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { OLDEST, anchorOf, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseStored } from "../../stored-shape.logic.js";
import type { MountRow } from "./table.js";

/** A task sits in a module in a service; anything deeper is a broken board. */
const MAX_DEPTH = 8;

/** Said like this, it does not invite a planner to walk the partial index of all blocks on boards in place of the key of one. */
const IS_ON_BOARD = sql<boolean>`coalesce(blocks.removed_at, 0) = 0`;

type Board = { readonly workspace_id: string; readonly account_id: string };

export function mountReads(connection: SqlConnection): MountReads {
  const { db } = connection;
  const get = statement<{ workspace_id: string; service_id: string }>()((p) =>
    db.selectFrom("mounts").selectAll().where("workspace_id", "=", p("workspace_id")).where("service_id", "=", p("service_id")),
  );
  const list = statement<Anchor & Board & { limit: number }>()((p) =>
    db
      .selectFrom("mounts")
      .innerJoin("workspaces as home", "home.id", "mounts.home_id")
      .innerJoin("blocks", (join) => join.onRef("blocks.workspace_id", "=", "mounts.home_id").onRef("blocks.id", "=", "mounts.service_id"))
      .selectAll("mounts")
      .select(["blocks.title", "blocks.type"])
      .where("mounts.workspace_id", "=", p("workspace_id"))
      .where("home.account_id", "=", p("account_id"))
      .where("home.deleting_at", "is", null)
      .where(IS_ON_BOARD)
      .where(sql<boolean>`(mounts.created_at, mounts.service_id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("mounts.created_at")
      .orderBy("mounts.service_id")
      .limit(p("limit")),
  );
  const homeOfBlock = homeOfBlockStatement(connection);
  const homeOfRun = statement<Board & { id: string }>()((p) =>
    db
      .selectFrom("mounts")
      .innerJoin("workspaces as home", "home.id", "mounts.home_id")
      .innerJoin("runs", (join) =>
        join.onRef("runs.workspace_id", "=", "mounts.home_id").onRef("runs.service_id", "=", "mounts.service_id"),
      )
      .innerJoin("blocks", (join) => join.onRef("blocks.workspace_id", "=", "mounts.home_id").onRef("blocks.id", "=", "mounts.service_id"))
      .select(["mounts.home_id", "mounts.service_id"])
      .where("mounts.workspace_id", "=", p("workspace_id"))
      .where("home.account_id", "=", p("account_id"))
      .where("home.deleting_at", "is", null)
      .where(IS_ON_BOARD)
      .where("runs.id", "=", p("id"))
      .limit(sql.lit(1)),
  );
  const home = ([row]: readonly { readonly home_id: string; readonly service_id: string }[]): MountedHome | null =>
    row === undefined ? null : { homeId: row.home_id, serviceId: row.service_id };
  return {
    async get(workspaceId, serviceId) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, service_id: serviceId });
      return row === undefined ? null : parseStored(mountSchema, fieldsOf(row), whatOf(row));
    },
    async list({ workspaceId, accountId }, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const anchor = await anchorOf(page.after, OLDEST, (id) => connection.all(get, { workspace_id: workspaceId, service_id: id }));
      const rows = await connection.all(list, { ...anchor, limit, workspace_id: workspaceId, account_id: accountId });
      return rows.map((row) => parseStored(shownMountSchema, { ...fieldsOf(row), title: row.title, type: row.type }, whatOf(row)));
    },
    homeOfBlock: async ({ workspaceId, accountId }, id) =>
      home(await connection.all(homeOfBlock, { workspace_id: workspaceId, account_id: accountId, id })),
    homeOfRun: async ({ workspaceId, accountId }, id) =>
      home(await connection.all(homeOfRun, { workspace_id: workspaceId, account_id: accountId, id })),
  };
}

/** From the block up to its service, in every home of the board's account that the board shows something of; then the mount of that service. */
function homeOfBlockStatement({ db }: SqlConnection) {
  return statement<Board & { id: string }>()((p) =>
    db
      .withRecursive("path", (query) =>
        query
          .selectFrom("mounts")
          .innerJoin("workspaces as home", "home.id", "mounts.home_id")
          .innerJoin("blocks", (join) => join.onRef("blocks.workspace_id", "=", "mounts.home_id"))
          .select(["blocks.workspace_id", "blocks.id", "blocks.parent_id", "blocks.level", "blocks.removed_at"])
          .select(sql<number>`0`.as("depth"))
          .where("mounts.workspace_id", "=", p("workspace_id"))
          .where("home.account_id", "=", p("account_id"))
          .where("home.deleting_at", "is", null)
          .where("blocks.id", "=", p("id"))
          .union((up) =>
            up
              .selectFrom("path")
              .innerJoin("blocks as parent", (join) =>
                join.onRef("parent.workspace_id", "=", "path.workspace_id").onRef("parent.id", "=", "path.parent_id"),
              )
              .select(["parent.workspace_id", "parent.id", "parent.parent_id", "parent.level", "parent.removed_at"])
              .select(sql<number>`path.depth + 1`.as("depth"))
              .where("path.level", "!=", sql.lit("service"))
              .where("path.depth", "<", sql.lit(MAX_DEPTH - 1)),
          ),
      )
      .selectFrom("path")
      .innerJoin("mounts", (join) => join.onRef("mounts.service_id", "=", "path.id").onRef("mounts.home_id", "=", "path.workspace_id"))
      .select(["mounts.home_id", "mounts.service_id"])
      .where("mounts.workspace_id", "=", p("workspace_id"))
      .where("path.removed_at", "is", null)
      .limit(sql.lit(1)),
  );
}

function fieldsOf(row: MountRow): object {
  return {
    workspaceId: row.workspace_id,
    serviceId: row.service_id,
    homeId: row.home_id,
    position: { x: row.x, y: row.y },
    size: row.w === null || row.h === null ? null : { w: row.w, h: row.h },
    revision: row.revision,
    createdAt: row.created_at,
  };
}

const whatOf = ({ service_id }: MountRow) => ({ entity: "mount", id: service_id });
