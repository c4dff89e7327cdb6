import { storedPipelineSchema, type StoredPipeline } from "@millrace/contracts";
import type { PipelineReads } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";
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
  const uses = statement<{ workspace_id: string }>()((p) =>
    db
      .selectFrom("blocks")
      .select(["pipeline_id", (eb) => eb.fn.countAll<number>().as("count")])
      .where("workspace_id", "=", p("workspace_id"))
      .where("pipeline_id", "is not", null)
      .where("removed_at", "is", null)
      .groupBy("pipeline_id"),
  );
  const usedBy = statement<{ workspace_id: string; id: string; limit: number }>()((p) =>
    db
      .selectFrom("blocks")
      .select(["id", "title"])
      .where("workspace_id", "=", p("workspace_id"))
      .where("pipeline_id", "=", p("id"))
      .where("removed_at", "is", null)
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
    async uses(workspaceId) {
      const rows = await connection.all(uses, { workspace_id: workspaceId });
      return new Map(rows.flatMap(({ pipeline_id, count }) => (pipeline_id === null ? [] : [[pipeline_id, Number(count)] as const])));
    },
    usedBy: (workspaceId, id, limit) => connection.all(usedBy, { workspace_id: workspaceId, id, limit: checkLimit(limit, MAX_PAGE) }),
  };
}

function toPipeline(row: PipelineRow): StoredPipeline {
  const what = { entity: "pipeline", id: row.id };
  return parseStored(storedPipelineSchema, { ...Object(parseJson(row.document, what)), revision: row.revision }, what);
}
