/** Verification of a fleet after its end, from its database and the environment's ledger only. */
import { digestText } from "@millrace/kernel";
import { z } from "zod";
import type { AcknowledgedCommand } from "../acknowledged-command.js";
import type { Ledger } from "../ledger.schema.js";
import type { FleetPlan, PlannedTask } from "../plan.logic.js";
import { boardViolations } from "./board.logic.js";
import type { Violation } from "./violation.logic.js";
import { historyViolations } from "./history.logic.js";
import { readRecords, type FleetRecords } from "./records.fixture.js";
import { environmentViolations } from "./environment.logic.js";

export interface Evidence {
  /** Path of a SQLite file, or URL of a PostgreSQL database. */
  readonly database: string;
  readonly plan: FleetPlan;
  readonly ledger: Ledger;
  readonly acknowledged: readonly AcknowledgedCommand[];
}

/** Every violation; empty when nothing was lost, nothing happened twice and nothing else is wrong. */
export async function verifyFleet({ database, plan, ledger, acknowledged }: Evidence): Promise<readonly Violation[]> {
  let records: FleetRecords;
  try {
    records = await readRecords(database);
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : "unknown";
    return [{ is: "lost", rule: "readable", what: `the database cannot be read: ${what.slice(0, 500)}` }];
  }
  return [...(await verifyRecords(records, plan.tasks, acknowledged)), ...environmentViolations(records, ledger, plan)];
}

/** The violations that the database alone shows. */
export async function verifyRecords(
  records: FleetRecords,
  tasks: readonly PlannedTask[],
  acknowledged: readonly AcknowledgedCommand[],
): Promise<readonly Violation[]> {
  return [
    ...records.damage.map((what): Violation => ({ is: "wrong", rule: "integrity", what })),
    ...historyViolations(records),
    ...boardViolations(records, tasks, acknowledged),
    ...(await outputViolations(records)),
  ];
}

/** Every output that a run refers to exists and has its digest. */
async function outputViolations({ runs, outputs }: FleetRecords): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const { id, document } of runs) {
    for (const { output } of document.steps) {
      if (output === null) continue;
      const text = outputs.get(output.key);
      if (text === undefined)
        violations.push({ is: "lost", rule: "output", what: `run '${id}' refers to '${output.key}', which is not there` });
      else if ((await digestText(text)) !== output.digest)
        violations.push({
          is: "wrong",
          rule: "output",
          what: `'${output.key}' of run '${id}' is another text than the one that was recorded`,
        });
    }
  }
  return violations;
}
