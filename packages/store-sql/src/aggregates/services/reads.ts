import { catalogueItemSchema, sharedServiceSchema, type SharedService } from "@millrace/contracts";
import type { DirectoryEntry, ServiceReads, ServiceShare } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { OLDEST, anchorOf, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";
import type { ServiceRow, ShareRow } from "./table.js";

export function serviceReads(connection: SqlConnection): ServiceReads {
  const { db } = connection;
  const get = statement<{ account_id: string; id: string }>()((p) =>
    db.selectFrom("services").selectAll().where("id", "=", p("id")).where("account_id", "=", p("account_id")),
  );
  const list = statement<Anchor & { account_id: string; limit: number }>()((p) =>
    db
      .selectFrom("services")
      .selectAll()
      .select((eb) =>
        eb
          .selectFrom("service_shares")
          .select(({ fn }) => fn.countAll<number>().as("count"))
          .whereRef("service_shares.service_id", "=", "services.id")
          .as("boards"),
      )
      .where("account_id", "=", p("account_id"))
      .where("closing", "=", sql.lit(0))
      .where(sql<boolean>`(created_at, id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  const sharesOf = statement<{ account_id: string; service_id: string; limit: number }>()((p) =>
    db
      .selectFrom("service_shares")
      .selectAll()
      .where("service_id", "=", p("service_id"))
      .where("account_id", "=", p("account_id"))
      .orderBy("board_id")
      .limit(p("limit")),
  );
  const sharesOfHome = statement<{ account_id: string; home_id: string; limit: number }>()((p) =>
    db
      .selectFrom("services")
      .innerJoin("service_shares", "service_shares.service_id", "services.id")
      .selectAll("service_shares")
      .where("services.account_id", "=", p("account_id"))
      .where("services.home_id", "=", p("home_id"))
      // The boards of each come in the order of their index.
      .orderBy("services.id")
      .limit(p("limit")),
  );
  const ofHome = statement<{ account_id: string; home_id: string; after: string; limit: number }>()((p) =>
    db
      .selectFrom("services")
      .selectAll()
      .where("account_id", "=", p("account_id"))
      .where("home_id", "=", p("home_id"))
      .where("id", ">", p("after"))
      .orderBy("id")
      .limit(p("limit")),
  );
  const sharesOn = statement<{ account_id: string; board_id: string; limit: number }>()((p) =>
    db
      .selectFrom("service_shares")
      .selectAll()
      .where("account_id", "=", p("account_id"))
      .where("board_id", "=", p("board_id"))
      .orderBy("service_id")
      .limit(p("limit")),
  );
  const due = statement<{ now: number; limit: number }>()((p) =>
    db.selectFrom("services").selectAll().where("due_at", "<=", p("now")).orderBy("due_at").orderBy("id").limit(p("limit")),
  );
  const dueShares = statement<{ now: number; limit: number }>()((p) =>
    db
      .selectFrom("service_shares")
      .selectAll()
      .where("due_at", "<=", p("now"))
      .orderBy("due_at")
      .orderBy("service_id")
      .orderBy("board_id")
      .limit(p("limit")),
  );
  return {
    async get(accountId, id) {
      const [row] = await connection.all(get, { account_id: accountId, id });
      return row === undefined ? null : toEntry(row);
    },
    async list(accountId, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const anchor = await anchorOf(page.after, OLDEST, (id) => connection.all(get, { account_id: accountId, id }));
      const rows = await connection.all(list, { ...anchor, limit, account_id: accountId });
      return rows.map((row) =>
        parseStored(catalogueItemSchema, { ...toService(row), boards: Number(row.boards) }, { entity: "service", id: row.id }),
      );
    },
    async sharesOf(accountId, serviceId, limit) {
      const args = { account_id: accountId, service_id: serviceId, limit: checkLimit(limit, MAX_PAGE) };
      return (await connection.all(sharesOf, args)).map(toShare);
    },
    async sharesOfHome(accountId, homeId, limit) {
      const args = { account_id: accountId, home_id: homeId, limit: checkLimit(limit, MAX_PAGE) };
      return (await connection.all(sharesOfHome, args)).map(toShare);
    },
    async ofHome(accountId, homeId, after, limit) {
      const args = { account_id: accountId, home_id: homeId, after: after ?? "", limit: checkLimit(limit, MAX_PAGE) };
      return (await connection.all(ofHome, args)).map(toEntry);
    },
    async sharesOn(accountId, workspaceId, limit) {
      const args = { account_id: accountId, board_id: workspaceId, limit: checkLimit(limit, MAX_PAGE) };
      return (await connection.all(sharesOn, args)).map(toShare);
    },
    async due(now, limit) {
      return (await connection.all(due, { now, limit: checkLimit(limit, MAX_PAGE) })).map(toEntry);
    },
    async dueShares(now, limit) {
      return (await connection.all(dueShares, { now, limit: checkLimit(limit, MAX_PAGE) })).map(toShare);
    },
  };
}

function toService(row: ServiceRow): SharedService {
  const what = { entity: "service", id: row.id };
  const value = {
    id: row.id,
    accountId: row.account_id,
    homeId: row.home_id,
    title: row.title,
    type: row.type,
    repository: row.repository === null ? null : parseJson(row.repository, what),
    directory: row.directory,
    createdAt: row.created_at,
  };
  return parseStored(sharedServiceSchema, value, what);
}

function toEntry(row: ServiceRow): DirectoryEntry {
  return { ...toService(row), isClosing: row.closing === 1, dueAt: row.due_at };
}

function toShare(row: ShareRow): ServiceShare {
  return { accountId: row.account_id, serviceId: row.service_id, workspaceId: row.board_id, dueAt: row.due_at };
}
