const DAY_MS = 24 * 60 * 60_000;

/** Time (epoch ms) before which details of finished runs go; null: they are kept for ever. */
export function keptSince(retentionDays: number | null, now: number): number | null {
  return retentionDays === null ? null : now - retentionDays * DAY_MS;
}
