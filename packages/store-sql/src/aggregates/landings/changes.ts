import type { LandingChanges } from "@millrace/kernel";
import { sql } from "kysely";
import { runRef, toCommit, touching, type ChangeHandlers } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";

interface RunArgs {
  workspace_id: string;
  run_id: string;
}

export function landingChanges({ db }: SqlBuilder): ChangeHandlers<LandingChanges> {
  const join = statement<RunArgs & { lane: string }>()((p) =>
    db
      .insertInto("landings")
      .columns(["workspace_id", "run_id", "lane", "ticket"])
      .expression(
        db
          .selectFrom("landings")
          .select([
            sql<string>`cast(${p("workspace_id")} as text)`.as("workspace_id"),
            sql<string>`cast(${p("run_id")} as text)`.as("run_id"),
            sql<string>`cast(${p("lane")} as text)`.as("lane"),
            sql<number>`coalesce(max(ticket), 0) + 1`.as("ticket"),
          ])
          .where("workspace_id", "=", p("workspace_id"))
          .where("lane", "=", p("lane")),
      )
      .onConflict((conflict) => conflict.columns(["workspace_id", "run_id"]).doNothing()),
  );
  const leave = statement<RunArgs>()((p) =>
    db.deleteFrom("landings").where("workspace_id", "=", p("workspace_id")).where("run_id", "=", p("run_id")),
  );
  return {
    "join-landing-queue": ({ workspaceId, runId, lane }) => [
      {
        ...touching(toCommit(join, { workspace_id: workspaceId, run_id: runId, lane }), "landings"),
        needs: [runRef(workspaceId, runId)],
      },
    ],
    "leave-landing-queue": ({ workspaceId, runId }) => [
      touching(toCommit(leave, { workspace_id: workspaceId, run_id: runId }), "landings"),
    ],
  };
}
