/**
 * The database's time, told by this process.
 *
 * 1. Every process of a database tells the same time, give or take half a round trip: leases, due times and the order of events do not
 *    depend on anybody's wall clock.
 * 2. It never goes back, whatever a new look at the database says; between two looks it runs with the process's monotonic clock.
 */
import type { Clock, Log } from "@millrace/kernel";
import { logFailure } from "@millrace/kernel";
import type { PostgresQuery } from "@millrace/store-sql/postgres";
import { z } from "zod";

export interface DatabaseClock extends Clock {
  /** Looks at the database's clock. Called once before `now`. @throws the driver's own errors. */
  synchronise(query: PostgresQuery): Promise<void>;
  /** Looks again every minute until the signal aborts; a look that fails is logged and leaves the clock as it is. */
  keep(query: PostgresQuery, log: Log, signal: AbortSignal): void;
}

/** Looks per synchronisation: the one with the shortest trip is believed. */
const LOOKS = 3;
const KEEP_MS = 60_000;
const rowsSchema = z.tuple([z.object({ now: z.coerce.number() })]);

/** `elapsed`: a monotonic clock of this process, in ms. */
export function createDatabaseClock(elapsed: () => number = () => performance.now()): DatabaseClock {
  let offset: number | null = null;
  let last = 0;
  const synchronise = async (query: PostgresQuery): Promise<void> => {
    const looks: { readonly trip: number; readonly offset: number }[] = [];
    for (let look = 0; look < LOOKS; look += 1) {
      const sent = elapsed();
      const [{ now }] = rowsSchema.parse((await query("select extract(epoch from clock_timestamp()) * 1000 as now")).rows);
      const answered = elapsed();
      looks.push({ trip: answered - sent, offset: now - (sent + answered) / 2 });
    }
    const [best] = looks.toSorted((a, b) => a.trip - b.trip);
    if (best !== undefined) offset = best.offset;
  };
  return {
    now() {
      if (offset === null) throw new Error("the database's clock was not looked at yet");
      last = Math.max(last, Math.floor(elapsed() + offset));
      return last;
    },
    synchronise,
    keep(query, log, signal) {
      const timer = setInterval(
        () => void synchronise(query).catch((error: unknown) => logFailure(log, "clock-not-synchronised", error)),
        KEEP_MS,
      );
      timer.unref();
      signal.addEventListener("abort", () => clearInterval(timer), { once: true });
    },
  };
}
