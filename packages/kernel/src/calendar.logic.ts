/** Calendar arithmetic on epoch milliseconds, UTC. Pure: the moment is always an argument. */

/** `2026-11`. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** The first moment of the calendar month after the one of `at`. */
export function nextMonth(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** ISO 8601, for texts people read. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
