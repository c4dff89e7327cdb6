import type { PipelineChanges } from "@millrace/kernel";
import { toCommit, workspaceRef, type ChangeHandlers } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { PipelineRow } from "./table.js";

export function pipelineChanges({ db }: SqlBuilder): ChangeHandlers<PipelineChanges> {
  const put = statement<PipelineRow>()((p) =>
    db
      .insertInto("pipelines")
      .values({ workspace_id: p("workspace_id"), id: p("id"), document: p("document") })
      .onConflict((conflict) => conflict.columns(["workspace_id", "id"]).doUpdateSet((eb) => ({ document: eb.ref("excluded.document") }))),
  );
  return {
    "put-pipeline": ({ workspaceId, pipeline }) => [
      {
        ...toCommit(put, { workspace_id: workspaceId, id: pipeline.id, document: JSON.stringify(pipeline) }),
        needs: [workspaceRef(workspaceId)],
      },
    ],
  };
}
