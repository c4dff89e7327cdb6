import { fragmentDefaultsSchema } from "@millrace/contracts";
import type { FragmentDefaultReads } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";

export function fragmentDefaultReads(connection: SqlConnection): FragmentDefaultReads {
  const get = statement<{ workspace_id: string }>()((p) =>
    connection.db.selectFrom("fragment_defaults").select(["ids", "revision"]).where("workspace_id", "=", p("workspace_id")),
  );
  return {
    async get(workspaceId) {
      const [row] = await connection.all(get, { workspace_id: workspaceId });
      if (row === undefined) return null;
      const what = { entity: "fragment defaults", id: workspaceId };
      return parseStored(fragmentDefaultsSchema, { ids: parseJson(row.ids, what), revision: row.revision }, what);
    },
  };
}
