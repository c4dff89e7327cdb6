/** Steps of a clock up to here are noise, in ms: processes of one database agree to within less. */
const TOLERANCE_MS = 1000;

/** Latest time stamp (epoch ms) that a clock at `now` has made: what lies behind it is of a clock that has been set back since. */
export function latestStamp(now: number): number {
  return now + TOLERANCE_MS;
}

/**
 * Whether a pause that ends at `until` is over at `now` (both epoch ms), if it was at most `longestMs` long. One that ends later than a
 * whole pause from now was begun by a clock that has been set back since, and is over too: no step of a clock prolongs it.
 */
export function hasPassed(until: number, now: number, longestMs: number): boolean {
  return until <= now || until - longestMs > latestStamp(now);
}
