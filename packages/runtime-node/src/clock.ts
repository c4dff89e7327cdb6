/**
 * The database's time, as this process measures it.
 *
 * 1. All processes of a database agree on the time to within half a round trip: leases, due times and the order of events do not
 *    depend on the clock of any machine.
 * 2. Between two synchronisations it follows the monotonic clock of the process. It stands still rather than go back by a little; a
 *    database whose clock was set back is followed at once, in every process, within a synchronisation.
 */
import type { Clock, Log } from "@millrace/kernel";
import { latestStamp, logFailure } from "@millrace/kernel";
import type { PostgresQuery } from "@millrace/store-sql/postgres";
import { z } from "zod";

export interface DatabaseClock extends Clock {
  /**
   * Measures the offset to the database's clock. Required once before `now`.
   *
   * @throws the driver's own errors; the clock is then as it was.
   */
  synchronise(query: PostgresQuery): Promise<void>;
  /** Synchronises every 5 s until the signal aborts. A failure is logged and leaves the clock as it is. */
  keepSynchronised(query: PostgresQuery, log: Log, signal: AbortSignal): void;
}

/** Round trips per synchronisation; the shortest one counts, as in NTP. */
const ROUND_TRIPS = 3;
const SYNCHRONISE_MS = 5000;
const rowsSchema = z.tuple([z.object({ now: z.coerce.number() })]);

/** A clock without an offset yet. `elapsed` is a monotonic clock of this process, in ms. Default: `performance.now`. */
export function createDatabaseClock(elapsed: () => number = () => performance.now()): DatabaseClock {
  let offset: number | null = null;
  let last = 0;
  const synchronise = async (query: PostgresQuery): Promise<void> => {
    const samples: { readonly roundTripMs: number; readonly offset: number }[] = [];
    for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
      const sent = elapsed();
      const [{ now }] = rowsSchema.parse((await query("select extract(epoch from clock_timestamp()) * 1000 as now")).rows);
      const answered = elapsed();
      samples.push({ roundTripMs: answered - sent, offset: now - (sent + answered) / 2 });
    }
    const [best] = samples.toSorted((a, b) => a.roundTripMs - b.roundTripMs);
    if (best === undefined) return;
    offset = best.offset;
    const now = elapsed() + offset;
    if (last > latestStamp(now)) last = Math.floor(now);
  };
  return {
    now() {
      if (offset === null) throw new Error("the database's clock was not read yet");
      last = Math.max(last, Math.floor(elapsed() + offset));
      return last;
    },
    synchronise,
    keepSynchronised(query, log, signal) {
      const timer = setInterval(
        () => void synchronise(query).catch((error: unknown) => logFailure(log, "clock-not-synchronised", error)),
        SYNCHRONISE_MS,
      );
      timer.unref();
      signal.addEventListener("abort", () => clearInterval(timer), { once: true });
    },
  };
}
