import type { PipelineChanges } from "@millrace/kernel";
import { alreadyExists, inUse, limitReached, notFound } from "@millrace/kernel";
import { sql, type Kysely } from "kysely";
import { toCommit, workspaceRef, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import { nextRevision, whenStale } from "../../commit/next-revision.js";
import { scopeLock } from "../../commit/scope-lock.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import type { PipelineRow } from "./table.js";

type Key = { workspace_id: string; id: string };

export function pipelineChanges(builder: SqlBuilder): ChangeHandlers<PipelineChanges> {
  const { db } = builder;
  const lock = scopeLock(builder);
  const insert = statement<PipelineRow>()((p) =>
    db.insertInto("pipelines").values({ workspace_id: p("workspace_id"), id: p("id"), document: p("document"), revision: p("revision") }),
  );
  const tooMany = refuseWhen<{ workspace_id: string; max: number }>(
    db,
    (eb, p) =>
      sql<boolean>`(${eb
        .selectFrom("pipelines")
        .select((count) => count.fn.countAll().as("count"))
        .where("workspace_id", "=", p("workspace_id"))}) > ${p("max")}`,
  );
  const missing = refuseWhen<Key>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("pipelines").select("id").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")))),
  );
  const update = updatePipeline(db);
  return {
    "insert-pipeline": ({ workspaceId, pipeline, max }) => [
      ...lock(`pipelines/${workspaceId}`),
      {
        ...toCommit(
          insert,
          { workspace_id: workspaceId, id: pipeline.id, document: JSON.stringify(pipeline), revision: 1 },
          { "primary-key": () => alreadyExists("pipeline", pipeline.id) },
        ),
        needs: [workspaceRef(workspaceId)],
      },
      toCommit(tooMany, { workspace_id: workspaceId, max }, { check: () => limitReached("pipelines", max) }),
    ],
    "update-pipeline": ({ workspaceId, pipeline, expected }) => {
      const row = { workspace_id: workspaceId, id: pipeline.id, document: JSON.stringify(pipeline) };
      const isThere = toCommit(missing, { workspace_id: workspaceId, id: pipeline.id }, { check: () => notFound("pipeline", pipeline.id) });
      return [isThere, update(row, expected)];
    },
    "delete-pipeline": deletePipeline(db),
  };
}

function updatePipeline(db: Kysely<Tables>): (row: Key & { document: string }, expected: number | null) => CommitStatement {
  const whatever = statement<Key & { document: string }>()((p) =>
    db
      .updateTable("pipelines")
      .set({ document: p("document"), revision: sql<number>`revision + 1` })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  const seen = statement<Key & { document: string; expected: number }>()((p) =>
    db
      .updateTable("pipelines")
      .set({ document: p("document"), revision: nextRevision(p) })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  return (row, expected) =>
    expected === null ? toCommit(whatever, row) : toCommit(seen, { ...row, expected }, whenStale("pipeline", row.id, expected));
}

function deletePipeline(db: Kysely<Tables>): ChangeHandlers<PipelineChanges>["delete-pipeline"] {
  const seen = statement<Key & { expected: number }>()((p) =>
    db
      .updateTable("pipelines")
      .set({ revision: nextRevision(p) })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  const used = refuseWhen<Key>(db, (eb, p) =>
    eb.exists(
      eb
        .selectFrom("blocks")
        .select("id")
        .where("workspace_id", "=", p("workspace_id"))
        .where("pipeline_id", "=", p("id"))
        .where("removed_at", "is", null),
    ),
  );
  const replace = statement<Key & { replace_by: string }>()((p) =>
    db
      .updateTable("blocks")
      .set({ pipeline_id: p("replace_by"), revision: sql<number>`revision + 1` })
      .where("workspace_id", "=", p("workspace_id"))
      .where("pipeline_id", "=", p("id"))
      .where("removed_at", "is", null),
  );
  const remove = statement<Key>()((p) =>
    db.deleteFrom("pipelines").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const removeLabels = statement<Key>()((p) =>
    db.deleteFrom("pipeline_labels").where("workspace_id", "=", p("workspace_id")).where("pipeline_id", "=", p("id")),
  );
  return ({ workspaceId, id, expected, replaceBy }) => {
    const key = { workspace_id: workspaceId, id };
    return [
      ...(expected === null ? [] : [toCommit(seen, { ...key, expected }, whenStale("pipeline", id, expected))]),
      replaceBy === null
        ? toCommit(used, key, { check: () => inUse("pipeline", id) })
        : toCommit(replace, { ...key, replace_by: replaceBy }),
      toCommit(remove, key),
      toCommit(removeLabels, key),
    ];
  };
}
