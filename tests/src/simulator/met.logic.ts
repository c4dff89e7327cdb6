/** What a life met besides faults. Counted, so that a summary shows what was never played instead of hiding it. */
export const metKinds = [
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
export type MetKind = (typeof metKinds)[number];

export class Met {
  readonly counts: Record<MetKind, number>;

  constructor() {
    this.counts = Object.fromEntries(metKinds.map((kind) => [kind, 0])) as Record<MetKind, number>;
  }

  count(kind: MetKind): void {
    this.counts[kind] += 1;
  }
}
