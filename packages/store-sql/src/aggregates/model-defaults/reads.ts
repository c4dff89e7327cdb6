import type { ModelDefaultReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { statement } from "../../statement.js";

/** More than there are agent kinds. */
const MAX_ROWS = 1000;

export function modelDefaultReads(connection: SqlConnection): ModelDefaultReads {
  const { db } = connection;
  const get = statement<{ workspace_id: string; kind: string }>()((p) =>
    db
      .selectFrom("model_defaults")
      .select(["kind", "model", "revision"])
      .where("workspace_id", "=", p("workspace_id"))
      .where("kind", "=", p("kind")),
  );
  const list = statement<{ workspace_id: string }>()((p) =>
    db
      .selectFrom("model_defaults")
      .select(["kind", "model", "revision"])
      .where("workspace_id", "=", p("workspace_id"))
      .orderBy("kind")
      .limit(sql.lit(MAX_ROWS)),
  );
  return {
    async get(workspaceId, kind) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, kind });
      return row ?? null;
    },
    list: (workspaceId) => connection.all(list, { workspace_id: workspaceId }),
  };
}
