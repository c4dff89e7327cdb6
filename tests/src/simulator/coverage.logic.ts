/** Situations besides faults that a simulation may reach. They are counted, so that a summary shows those that never happened. */
import { builtInSamples } from "@millrace/orchestration/samples";
import { disturbanceKinds, type Disturbance } from "./disturbances/kinds.logic.js";
import { hostileActs, type HostileClaim, type HostileDeed } from "./hostile/kinds.logic.js";

const OWN_KINDS = [
  "pause for a budget",
  "pause for a quota",
  "pause for a rate limit",
  "pause for an outage",
  "month change",
  "budget raised",
  "flat-rate call",
  "call without token counts",
  "reservation of zero",
  "pause ended by a person",
  "start refused by the task limit",
  "pipeline changed under a live run",
  "merge on demand",
  "block given back",
  "merged by hand while a run works",
  "merged by hand while people are asked",
  "merged by hand after its run",
  "task started over during its merge",
  "dozens of tasks",
  "good work",
] as const;
export type CoverageKind = (typeof OWN_KINDS)[number] | Disturbance | HostileClaim | HostileDeed;

/** The simulator's own, then the outcomes of the services that step kinds bring. */
export const coverageKinds: readonly string[] = [
  ...OWN_KINDS,
  ...disturbanceKinds,
  ...hostileActs,
  ...builtInSamples.flatMap(({ outcomes }) => outcomes ?? []),
];

export class Coverage {
  readonly counts: Record<string, number>;

  constructor() {
    this.counts = Object.fromEntries(coverageKinds.map((kind) => [kind, 0]));
  }

  count(kind: CoverageKind): void {
    this.countOutcome(kind);
  }

  /**
   * Counts an outcome of a service that a step kind brings.
   *
   * @throws TypeError when its samples do not name it.
   */
  countOutcome(outcome: string): void {
    const before = this.counts[outcome];
    if (before === undefined) throw new TypeError(`no samples name the outcome '${outcome}'`);
    this.counts[outcome] = before + 1;
  }
}
