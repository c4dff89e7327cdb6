/** Report of a fleet's outcome: a table, and the violations. */
import type { FleetOutcome } from "./fleet.fixture.js";
import type { Violation } from "./verify/violation.logic.js";

/** Maximum number of violations that are listed. */
const SHOWN = 40;

export function reportOf(outcome: FleetOutcome): string {
  const { evidence, violations, inFlight, moments, happened } = outcome;
  const { keys, merges, commits, lostReplies } = evidence.ledger;
  const sorted = inFlight.toSorted((a, b) => a - b);
  const again = keys.reduce((sum, { requests }) => sum + requests - 1, 0) + merges.reduce((sum, { requests }) => sum + requests - 1, 0);
  const count = (is: Violation["is"]): number => violations.filter((violation) => violation.is === is).length;
  const rows: readonly (readonly [string, string | number])[] = [
    ["runs", evidence.plan.tasks.reduce((sum, task) => sum + task.runs, 0)],
    ["kills", outcome.kills],
    [
      "  by moment",
      Object.entries(moments)
        .map(([moment, times]) => `${moment} ${times}`)
        .join(", "),
    ],
    [
      "  runs in flight at a kill",
      `least ${sorted[0] ?? 0}, median ${sorted[Math.floor(sorted.length / 2)] ?? 0}, most ${sorted.at(-1) ?? 0}`,
    ],
    ["restarts of the database", happened.fast + happened.immediate],
    ["  by kind", `immediate ${happened.immediate}, fast ${happened.fast}`],
    ["dropped connections", happened.terminated + happened.cut],
    ["  by kind", `terminated ${happened.terminated}, cut at a commit ${happened.cut}`],
    ["workers started", outcome.workersStarted],
    ["replies lost without a kill", lostReplies],
    ["events", outcome.events],
    ["jobs and calls", keys.length],
    ["  retried", again],
    ["answers and stops by people", evidence.acknowledged.length],
    ["  looked for, the reply was lost", outcome.unknownOutcomes],
    ["commits by agents", commits.length],
    ["merges", merges.length],
    ["lost", count("lost")],
    ["twice", count("twice")],
    ["wrong", count("wrong")],
    ["seconds", Math.round(outcome.ms / 100) / 10],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const found = violations.slice(0, SHOWN).map(({ is, rule, what }) => `${is} [${rule}] ${what}`);
  const more = violations.length > SHOWN ? [`... and ${violations.length - SHOWN} more`] : [];
  return [...table, ...found, ...more].join("\n");
}
