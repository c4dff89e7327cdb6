/** Report of the outcome of a fleet with real jobs. */
import { countsOf, faultRows, tableOf } from "../table.logic.js";
import type { MachinesOutcome } from "./fleet.fixture.js";

export function machinesReportOf(outcome: MachinesOutcome): string {
  const { work, acknowledged } = outcome;
  const begun = work.agents.reduce((sum, one) => sum + one.begun, 0);
  return tableOf(
    [
      ["machines", outcome.machines],
      ["good tasks", outcome.tasks.length],
      ...faultRows(outcome),
      ["mishaps of machines", countsOf(outcome.mishaps)],
      ...[...outcome.skipped].map(([name, why]) => ["  skipped", `${name}: ${why}`] as const),
      ["events", outcome.events],
      ["jobs and calls", work.agents.length],
      ["  agents that began, that ended", `${begun}, ${work.agents.reduce((sum, one) => sum + one.ended, 0)}`],
      ["  jobs lost with their machine or by a mishap", outcome.lostJobs],
      ["retries by people", acknowledged.length],
      ["merges", outcome.merges],
      ["spent, in millionths", work.agents.reduce((sum, one) => sum + one.spentMicros, 0)],
    ],
    outcome.violations,
    outcome.ms,
  );
}
