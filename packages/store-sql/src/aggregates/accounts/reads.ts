import { accountSchema, type Account } from "@millrace/contracts";
import type { AccountReads } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseStoredJson } from "../../stored-shape.logic.js";
import type { AccountRow } from "./table.js";

export function accountReads(connection: SqlConnection): AccountReads {
  const { db } = connection;
  const get = statement<{ id: string }>()((p) => db.selectFrom("accounts").select(["id", "document"]).where("id", "=", p("id")));
  const deleting = statement<{ before: number; limit: number }>()((p) =>
    db
      .selectFrom("accounts")
      .select(["id", "document"])
      .where("deleting_at", "<", p("before"))
      .orderBy("deleting_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  return {
    async get(id) {
      const [row] = await connection.all(get, { id });
      return row === undefined ? null : toAccount(row);
    },
    deleting: async (before, limit) => (await connection.all(deleting, { before, limit: checkLimit(limit, MAX_PAGE) })).map(toAccount),
  };
}

export function toAccount({ id, document }: Pick<AccountRow, "id" | "document">): Account {
  return parseStoredJson(accountSchema, document, { entity: "account", id });
}
