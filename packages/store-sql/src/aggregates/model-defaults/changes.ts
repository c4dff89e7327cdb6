import type { ModelDefaultChanges } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, workspaceRef, type ChangeHandlers } from "../../commit/commit-statement.js";
import { nextRevision, whenStale } from "../../commit/next-revision.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";

type Key = { workspace_id: string; kind: string };

/** The row first, where there is none; then the model, under its revision. */
export function modelDefaultChanges({ db }: SqlBuilder): ChangeHandlers<ModelDefaultChanges> {
  const begin = statement<Key & { model: string }>()((p) =>
    db
      .insertInto("model_defaults")
      .values({ workspace_id: p("workspace_id"), kind: p("kind"), model: p("model"), revision: sql.lit(0) })
      .onConflict((conflict) => conflict.columns(["workspace_id", "kind"]).doNothing()),
  );
  const whatever = statement<Key & { model: string }>()((p) =>
    db
      .updateTable("model_defaults")
      .set({ model: p("model"), revision: sql<number>`revision + 1` })
      .where("workspace_id", "=", p("workspace_id"))
      .where("kind", "=", p("kind")),
  );
  const seen = statement<Key & { model: string; expected: number }>()((p) =>
    db
      .updateTable("model_defaults")
      .set({ model: p("model"), revision: nextRevision(p) })
      .where("workspace_id", "=", p("workspace_id"))
      .where("kind", "=", p("kind")),
  );
  const touch = statement<Key & { expected: number }>()((p) =>
    db
      .updateTable("model_defaults")
      .set({ revision: nextRevision(p) })
      .where("workspace_id", "=", p("workspace_id"))
      .where("kind", "=", p("kind")),
  );
  const remove = statement<Key>()((p) =>
    db.deleteFrom("model_defaults").where("workspace_id", "=", p("workspace_id")).where("kind", "=", p("kind")),
  );
  return {
    "put-model-default": ({ workspaceId, kind, model, expected }) => {
      const row = { workspace_id: workspaceId, kind, model };
      return [
        { ...toCommit(begin, row), needs: [workspaceRef(workspaceId)] },
        expected === null ? toCommit(whatever, row) : toCommit(seen, { ...row, expected }, whenStale("model of", kind, expected)),
      ];
    },
    "delete-model-default": ({ workspaceId, kind, expected }) => {
      const key = { workspace_id: workspaceId, kind };
      return [
        ...(expected === null ? [] : [toCommit(touch, { ...key, expected }, whenStale("model of", kind, expected))]),
        toCommit(remove, key),
      ];
    },
  };
}
