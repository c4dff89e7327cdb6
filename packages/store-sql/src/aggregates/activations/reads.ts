import type { ActivationReads } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { statement } from "../../statement.js";

export function activationReads(connection: SqlConnection): ActivationReads {
  const { db } = connection;
  const get = statement<{ workspace_id: string; run_id: string; vendor: string }>()((p) =>
    db
      .selectFrom("activations")
      .select(["sealed", "expires_at"])
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .where("vendor", "=", p("vendor")),
  );
  const deleteExpired = statement<{ now: number }>()((p) =>
    db.deleteFrom("activations").where("expires_at", "<", p("now")).returning("run_id"),
  );
  return {
    async get(workspaceId, runId, vendor) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, run_id: runId, vendor });
      return row === undefined ? null : { workspaceId, runId, vendor, sealed: row.sealed, expiresAt: row.expires_at };
    },
    async deleteExpired(now) {
      return (await connection.all(deleteExpired, { now })).length;
    },
  };
}
