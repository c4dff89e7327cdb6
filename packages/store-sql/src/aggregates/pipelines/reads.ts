import { pipelineSchema, type Pipeline } from "@millrace/contracts";
import type { PipelineReads } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseStoredJson } from "../../stored-shape.logic.js";
import type { PipelineRow } from "./table.js";

export function pipelineReads(connection: SqlConnection): PipelineReads {
  const { db } = connection;
  const get = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("pipelines").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const list = statement<{ workspace_id: string; after: string; limit: number }>()((p) =>
    db
      .selectFrom("pipelines")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", ">", p("after"))
      .orderBy("id")
      .limit(p("limit")),
  );
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toPipeline(row);
    },
    async list(workspaceId, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      return (await connection.all(list, { workspace_id: workspaceId, after: page.after ?? "", limit })).map(toPipeline);
    },
  };
}

function toPipeline(row: PipelineRow): Pipeline {
  return parseStoredJson(pipelineSchema, row.document, { entity: "pipeline", id: row.id });
}
