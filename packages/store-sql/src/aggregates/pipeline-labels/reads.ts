import { pipelineOrganizationSchema } from "@millrace/contracts";
import type { OrganizedPipeline, PipelineLabelReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";
import type { PipelineLabelRow } from "./table.js";

/** More than there can be: 200 of the workspace, and those that are served from the code. */
const MAX_ROWS = 500;

export function pipelineLabelReads(connection: SqlConnection): PipelineLabelReads {
  const { db } = connection;
  const get = statement<{ workspace_id: string; pipeline_id: string }>()((p) =>
    db.selectFrom("pipeline_labels").selectAll().where("workspace_id", "=", p("workspace_id")).where("pipeline_id", "=", p("pipeline_id")),
  );
  const list = statement<{ workspace_id: string }>()((p) =>
    db
      .selectFrom("pipeline_labels")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .orderBy("pipeline_id")
      .limit(sql.lit(MAX_ROWS)),
  );
  return {
    async get(workspaceId, pipelineId) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, pipeline_id: pipelineId });
      return row === undefined ? null : toOrganized(row);
    },
    async list(workspaceId) {
      return (await connection.all(list, { workspace_id: workspaceId })).map(toOrganized);
    },
  };
}

function toOrganized({ pipeline_id, labels, archived, revision }: PipelineLabelRow): OrganizedPipeline {
  const what = { entity: "organization of pipeline", id: pipeline_id };
  const value = { labels: parseJson(labels, what), archived: archived === 1, revision };
  return { pipelineId: pipeline_id, ...parseStored(pipelineOrganizationSchema, value, what) };
}
