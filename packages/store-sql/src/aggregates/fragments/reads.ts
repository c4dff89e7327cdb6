import { fragmentSchema, type Fragment } from "@millrace/contracts";
import type { FragmentReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";
import { ownerColumn } from "./changes.js";
import type { FragmentRow } from "./table.js";

/** Hidden ids that are read at most. */
const MAX_HIDDEN = 1000;

export function fragmentReads(connection: SqlConnection): FragmentReads {
  const { db, dialect } = connection;
  const get = statement<{ owner: string; id: string }>()((p) =>
    db.selectFrom("fragments").selectAll().where("owner", "=", p("owner")).where("id", "=", p("id")),
  );
  const list = statement<{ owner: string; after: string; limit: number }>()((p) =>
    db.selectFrom("fragments").selectAll().where("owner", "=", p("owner")).where("id", ">", p("after")).orderBy("id").limit(p("limit")),
  );
  const some = statement<{ owner: string; ids: string }>()((p) =>
    db
      .selectFrom("fragments")
      .selectAll()
      .where("owner", "=", p("owner"))
      .where("id", "in", dialect.jsonStrings(p("ids"))),
  );
  const someHidden = statement<{ owner: string; ids: string }>()((p) =>
    db
      .selectFrom("hidden_fragments")
      .select("id")
      .where("owner", "=", p("owner"))
      .where("id", "in", dialect.jsonStrings(p("ids"))),
  );
  const hidden = statement<{ owner: string }>()((p) =>
    db.selectFrom("hidden_fragments").select("id").where("owner", "=", p("owner")).orderBy("id").limit(sql.lit(MAX_HIDDEN)),
  );
  return {
    async get(owner, id) {
      const [row] = await connection.all(get, { owner: ownerColumn(owner), id });
      return row === undefined ? null : toFragment(row);
    },
    async list(owner, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      return (await connection.all(list, { owner: ownerColumn(owner), after: page.after ?? "", limit })).map(toFragment);
    },
    async some(owner, ids) {
      if (ids.length === 0) return { fragments: [], hidden: [] };
      checkLimit(ids.length, MAX_PAGE);
      const args = { owner: ownerColumn(owner), ids: JSON.stringify(ids) };
      const rows = await connection.all(some, args);
      return { fragments: rows.map(toFragment), hidden: (await connection.all(someHidden, args)).map(({ id }) => id) };
    },
    async hidden(owner) {
      return (await connection.all(hidden, { owner: ownerColumn(owner) })).map(({ id }) => id);
    },
  };
}

function toFragment({ id, version, document }: Pick<FragmentRow, "id" | "version" | "document">): Fragment {
  const what = { entity: "fragment", id };
  return parseStored(fragmentSchema, { ...Object(parseJson(document, what)), version }, what);
}
