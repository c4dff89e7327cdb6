import type { ActivationChanges } from "@millrace/kernel";
import { runRef, toCommit, touching, type ChangeHandlers } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { ActivationRow } from "./table.js";

export function activationChanges({ db }: SqlBuilder): ChangeHandlers<ActivationChanges> {
  const put = statement<ActivationRow>()((p) =>
    db
      .insertInto("activations")
      .values({
        workspace_id: p("workspace_id"),
        run_id: p("run_id"),
        vendor: p("vendor"),
        sealed: p("sealed"),
        expires_at: p("expires_at"),
      })
      .onConflict((conflict) =>
        conflict
          .columns(["workspace_id", "run_id", "vendor"])
          .doUpdateSet((eb) => ({ sealed: eb.ref("excluded.sealed"), expires_at: eb.ref("excluded.expires_at") })),
      ),
  );
  const deleteOfRun = statement<{ workspace_id: string; run_id: string }>()((p) =>
    db.deleteFrom("activations").where("workspace_id", "=", p("workspace_id")).where("run_id", "=", p("run_id")),
  );
  return {
    "put-activation": ({ activation: { workspaceId, runId, vendor, sealed, expiresAt } }) => [
      {
        ...touching(toCommit(put, { workspace_id: workspaceId, run_id: runId, vendor, sealed, expires_at: expiresAt }), "activations"),
        needs: [runRef(workspaceId, runId)],
      },
    ],
    "delete-activations": ({ workspaceId, runId }) => [
      touching(toCommit(deleteOfRun, { workspace_id: workspaceId, run_id: runId }), "activations"),
    ],
  };
}
