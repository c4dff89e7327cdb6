/** Report of the outcome of a fleet with scripted jobs. */
import type { FleetOutcome } from "./fleet.fixture.js";
import { faultRows, tableOf } from "./table.logic.js";

export function reportOf(outcome: FleetOutcome): string {
  const { evidence, violations } = outcome;
  const { keys, merges, commits, lostReplies } = evidence.ledger;
  const again = keys.reduce((sum, { requests }) => sum + requests - 1, 0) + merges.reduce((sum, { requests }) => sum + requests - 1, 0);
  return tableOf(
    [
      ["runs", evidence.plan.tasks.reduce((sum, task) => sum + task.runs, 0)],
      ...faultRows(outcome),
      ["replies lost without a kill", lostReplies],
      ["events", outcome.events],
      ["jobs and calls", keys.length],
      ["  retried", again],
      ["answers and stops by people", evidence.acknowledged.length],
      ["  looked for, the reply was lost", outcome.unknownOutcomes],
      ["commits by agents", commits.length],
      ["merges", merges.length],
    ],
    violations,
    outcome.ms,
  );
}
