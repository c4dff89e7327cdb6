import type { FragmentDefaultChanges } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, workspaceRef, type ChangeHandlers } from "../../commit/commit-statement.js";
import { nextRevision, whenStale } from "../../commit/next-revision.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";

/** The row first, where there is none; then the list, under its revision. */
export function fragmentDefaultChanges({ db }: SqlBuilder): ChangeHandlers<FragmentDefaultChanges> {
  const begin = statement<{ workspace_id: string }>()((p) =>
    db
      .insertInto("fragment_defaults")
      .values({ workspace_id: p("workspace_id"), ids: sql.lit("[]"), revision: sql.lit(0) })
      .onConflict((conflict) => conflict.columns(["workspace_id"]).doNothing()),
  );
  const whatever = statement<{ workspace_id: string; ids: string }>()((p) =>
    db
      .updateTable("fragment_defaults")
      .set({ ids: p("ids"), revision: sql<number>`revision + 1` })
      .where("workspace_id", "=", p("workspace_id")),
  );
  const seen = statement<{ workspace_id: string; ids: string; expected: number }>()((p) =>
    db
      .updateTable("fragment_defaults")
      .set({ ids: p("ids"), revision: nextRevision(p) })
      .where("workspace_id", "=", p("workspace_id")),
  );
  return {
    "put-fragment-defaults": ({ workspaceId, ids, expected }) => {
      const row = { workspace_id: workspaceId, ids: JSON.stringify(ids) };
      return [
        { ...toCommit(begin, row), needs: [workspaceRef(workspaceId)] },
        expected === null
          ? toCommit(whatever, row)
          : toCommit(seen, { ...row, expected }, whenStale("fragment defaults of", workspaceId, expected)),
      ];
    },
  };
}
