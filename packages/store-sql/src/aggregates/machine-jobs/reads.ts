import type { MachineJob, MachineJobReads } from "@millrace/kernel";
import { sql } from "kysely";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseStored } from "../../stored-shape.logic.js";
import type { MachineJobRow } from "./table.js";

export function machineJobReads(connection: SqlConnection): MachineJobReads {
  const { db } = connection;
  const get = statement<{ key: string }>()((p) => db.selectFrom("machine_jobs").selectAll().where("key", "=", p("key")));
  const ofMachine = statement<{ machine: string; after: string; limit: number }>()((p) =>
    db
      .selectFrom("machine_jobs")
      .selectAll()
      .where("machine", "=", p("machine"))
      .where("is_open", "=", sql.lit(1))
      .where("key", ">", p("after"))
      .orderBy("key")
      .limit(p("limit")),
  );
  return {
    async get(key) {
      const [row] = await connection.all(get, { key });
      return row === undefined ? null : toMachineJob(row);
    },
    async ofMachine(machine, { after = "", limit }) {
      return (await connection.all(ofMachine, { machine, after, limit: checkLimit(limit, MAX_PAGE) })).map(toMachineJob);
    },
  };
}

const stateSchema = z.enum(["running", "stopping", "lost", "ended", "forgetting", "forgotten"]);

function toMachineJob({ key, machine, seen_at: seenAt, state, outcome, revision }: MachineJobRow): MachineJob {
  return { key, machine, seenAt, state: parseStored(stateSchema, state, { entity: "machine job", id: key }), outcome, revision };
}
