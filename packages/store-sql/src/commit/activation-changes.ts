import type { Activation } from "@millrace/kernel";
import type { Kysely } from "kysely";
import type { Step } from "../connection.js";
import { step, touching } from "../connection.js";
import type { ActivationRow, Tables } from "../schema/tables.js";
import { statement } from "../statement.js";

/** Steps of the changes that touch the credentials a run may use. */
export interface ActivationChanges {
  put(activation: Activation): readonly Step[];
  deleteOfRun(workspaceId: string, runId: string): readonly Step[];
}

export function activationChanges(db: Kysely<Tables>): ActivationChanges {
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
    put: ({ workspaceId, runId, vendor, sealed, expiresAt }) => [
      touching(step(put, { workspace_id: workspaceId, run_id: runId, vendor, sealed, expires_at: expiresAt }), "activations"),
    ],
    deleteOfRun: (workspaceId, runId) => [touching(step(deleteOfRun, { workspace_id: workspaceId, run_id: runId }), "activations")],
  };
}
