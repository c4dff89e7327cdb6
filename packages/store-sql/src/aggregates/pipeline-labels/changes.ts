import type { PipelineLabelChanges } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, workspaceRef, type ChangeHandlers } from "../../commit/commit-statement.js";
import { nextRevision, whenStale } from "../../commit/next-revision.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";

type Key = { workspace_id: string; pipeline_id: string };

/** The row first, where there is none; then what is given, under its revision. */
export function pipelineLabelChanges({ db }: SqlBuilder): ChangeHandlers<PipelineLabelChanges> {
  const begin = statement<Key>()((p) =>
    db
      .insertInto("pipeline_labels")
      .values({
        workspace_id: p("workspace_id"),
        pipeline_id: p("pipeline_id"),
        labels: sql.lit("[]"),
        archived: sql.lit(0),
        revision: sql.lit(0),
      })
      .onConflict((conflict) => conflict.columns(["workspace_id", "pipeline_id"]).doNothing()),
  );
  const setLabels = statement<Key & { labels: string }>()((p) =>
    db
      .updateTable("pipeline_labels")
      .set({ labels: p("labels") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("pipeline_id", "=", p("pipeline_id")),
  );
  const setArchived = statement<Key & { archived: number }>()((p) =>
    db
      .updateTable("pipeline_labels")
      .set({ archived: p("archived") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("pipeline_id", "=", p("pipeline_id")),
  );
  const whatever = statement<Key>()((p) =>
    db
      .updateTable("pipeline_labels")
      .set({ revision: sql<number>`revision + 1` })
      .where("workspace_id", "=", p("workspace_id"))
      .where("pipeline_id", "=", p("pipeline_id")),
  );
  const seen = statement<Key & { expected: number }>()((p) =>
    db
      .updateTable("pipeline_labels")
      .set({ revision: nextRevision(p) })
      .where("workspace_id", "=", p("workspace_id"))
      .where("pipeline_id", "=", p("pipeline_id")),
  );
  return {
    "organize-pipeline": ({ workspaceId, pipelineId, labels, archived, expected }) => {
      const key = { workspace_id: workspaceId, pipeline_id: pipelineId };
      return [
        { ...toCommit(begin, key), needs: [workspaceRef(workspaceId)] },
        expected === null
          ? toCommit(whatever, key)
          : toCommit(seen, { ...key, expected }, whenStale("organization of pipeline", pipelineId, expected)),
        ...(labels === undefined ? [] : [toCommit(setLabels, { ...key, labels: JSON.stringify(labels) })]),
        ...(archived === undefined ? [] : [toCommit(setArchived, { ...key, archived: archived ? 1 : 0 })]),
      ];
    },
  };
}
