import type { OutputReads } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { statement } from "../../statement.js";

export function outputReads(connection: SqlConnection): OutputReads {
  const { db, dialect } = connection;
  const get = statement<{ workspace_id: string; key: string }>()((p) =>
    db.selectFrom("outputs").select("content").where("workspace_id", "=", p("workspace_id")).where("key", "=", p("key")),
  );
  const getMany = statement<{ workspace_id: string; keys: string }>()((p) =>
    db
      .selectFrom("outputs")
      .select(["key", "content"])
      .where("workspace_id", "=", p("workspace_id"))
      .where("key", "in", dialect.jsonStrings(p("keys"))),
  );
  return {
    async get(workspaceId, key) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, key });
      return row?.content ?? null;
    },
    /** The keys are one JSON argument, so that one statement serves any number of them. */
    async getMany(workspaceId, keys) {
      if (keys.length === 0) return new Map();
      const rows = await connection.all(getMany, { workspace_id: workspaceId, keys: JSON.stringify(keys) });
      return new Map(rows.map((row) => [row.key, row.content]));
    },
  };
}
