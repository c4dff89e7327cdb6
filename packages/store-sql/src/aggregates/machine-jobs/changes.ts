import type { MachineJob, MachineJobChanges } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { MachineJobRow } from "./table.js";

/** States in which its machine has to look at a job. */
const OPEN: ReadonlySet<MachineJob["state"]> = new Set(["running", "stopping", "lost", "forgetting"]);

/** The comparison is part of the write: of two machines that take on a job, the second finds it taken. */
export function machineJobChanges({ db }: SqlBuilder): ChangeHandlers<MachineJobChanges> {
  const insert = statement<MachineJobRow>()((p) =>
    db.insertInto("machine_jobs").values({
      key: p("key"),
      machine: p("machine"),
      seen_at: p("seen_at"),
      state: p("state"),
      is_open: p("is_open"),
      outcome: p("outcome"),
      revision: p("revision"),
    }),
  );
  const missing = refuseWhen<{ key: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("machine_jobs").select("key").where("key", "=", p("key")))),
  );
  const update = statement<Omit<MachineJobRow, "revision"> & { expected: number }>()((p) =>
    db
      .updateTable("machine_jobs")
      .set({
        machine: p("machine"),
        seen_at: p("seen_at"),
        state: p("state"),
        is_open: p("is_open"),
        outcome: p("outcome"),
        revision: sql<number>`case when revision = ${p("expected")} then revision + 1 end`,
      })
      .where("key", "=", p("key")),
  );
  return {
    "put-machine-job": ({ job }) => {
      const row = rowOf(job);
      const refusal = (): MillraceError => stale(job);
      if (job.revision === 1) return [toCommit(insert, row, { "primary-key": refusal })];
      return [
        toCommit(missing, { key: job.key }, { check: refusal }),
        toCommit(update, { ...row, expected: job.revision - 1 }, { "not-null": refusal }),
      ];
    },
  };
}

function rowOf({ key, machine, seenAt, state, outcome, revision }: MachineJob): MachineJobRow {
  return { key, machine, seen_at: seenAt, state, is_open: OPEN.has(state) ? 1 : 0, outcome, revision };
}

function stale({ key, revision }: MachineJob): MillraceError {
  return new MillraceError("stale_revision", `the job '${key}' is not at revision ${revision - 1} any more`, {
    fix: "Load it again and decide again.",
    details: { key, revision },
  });
}
