/** Situations besides faults that a simulation may reach. They are counted, so that a summary shows those that never happened. */
export const coverageKinds = [
  "pause for a budget",
  "pause for a quota",
  "pause for a rate limit",
  "pause for an outage",
  "month change",
  "budget raised",
  "flat-rate call",
  "pause ended by a person",
  "start refused by the task limit",
  "pipeline changed under a live run",
  "merge on demand",
  "block given back",
  "environment provisioned",
  "ticket filed",
  "release in alert",
  "incident enriched",
] as const;
export type CoverageKind = (typeof coverageKinds)[number];

export class Coverage {
  readonly counts: Record<CoverageKind, number>;

  constructor() {
    this.counts = Object.fromEntries(coverageKinds.map((kind) => [kind, 0])) as Record<CoverageKind, number>;
  }

  count(kind: CoverageKind): void {
    this.counts[kind] += 1;
  }
}
