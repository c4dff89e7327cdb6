import type { RunChanges } from "@millrace/kernel";
import { runInProgress } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import { statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import { LIVE, NOT_LIVE } from "./run-status.js";

type RunKey = { workspace_id: string; id: string };

/** The details of a finished run, each by the index of its run. */
export function trimRun(db: Kysely<Tables>): ChangeHandlers<RunChanges>["trim-run"] {
  const live = refuseWhen<RunKey>(db, (eb, p) =>
    eb.exists(eb.selectFrom("runs").select("id").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")).where(LIVE)),
  );
  const details = [
    statement<RunKey>()((p) => db.deleteFrom("events").where("workspace_id", "=", p("workspace_id")).where("run_id", "=", p("id"))),
    statement<RunKey>()((p) => db.deleteFrom("outputs").where("workspace_id", "=", p("workspace_id")).where("run_id", "=", p("id"))),
    statement<RunKey>()((p) => db.deleteFrom("usage").where("workspace_id", "=", p("workspace_id")).where("run_id", "=", p("id"))),
    statement<RunKey>()((p) =>
      db
        .deleteFrom("notifications")
        .where("workspace_id", "=", p("workspace_id"))
        .where("run_id", "=", p("id"))
        .where("status", "<>", sql.lit("open")),
    ),
    statement<RunKey>()((p) =>
      db
        .updateTable("runs")
        .set({ trimmed: sql.lit(1) })
        .where("workspace_id", "=", p("workspace_id"))
        .where("id", "=", p("id"))
        .where(NOT_LIVE),
    ),
  ];
  return ({ workspaceId, id }) => {
    const key = { workspace_id: workspaceId, id };
    return [toCommit(live, key, { check: () => runInProgress(id) }), ...details.map((one) => toCommit(one, key))];
  };
}
