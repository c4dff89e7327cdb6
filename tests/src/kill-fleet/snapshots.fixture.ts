/** Snapshots of a running fleet's database, each taken by one statement. */
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import { openRows } from "./verify/rows.fixture.js";

const SNAPSHOT = `
  select
    (select count(*) from events) as events,
    (select count(*) from runs) as runs,
    (select count(*) from runs where status in ('running', 'waiting', 'paused', 'stopping')) as live,
    (select count(*) from runs where status in ('running', 'stopping')
      and not exists (select 1 from wakeups where wakeups.run_id = runs.id)) as asleep,
    (select count(*) from runs where status = 'waiting'
      and not exists (select 1 from notifications where notifications.run_id = runs.id and notifications.status = 'open')) as unnotified,
    (select count(*) from wakeups where not exists (
      select 1 from runs where runs.id = wakeups.run_id and runs.status in ('running', 'paused', 'stopping'))) as stray`;

const snapshotSchema = z.object({
  events: z.number(),
  runs: z.number(),
  live: z.number(),
  asleep: z.number(),
  unnotified: z.number(),
  stray: z.number(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

export interface Watch extends AsyncDisposable {
  /** Takes a snapshot, after those requested before it. */
  snapshot(): Promise<Snapshot>;
  /** Every snapshot so far, in order. */
  readonly seen: readonly Snapshot[];
}

/** Opens a database for snapshots. `address`: path of a SQLite file, or URL of a PostgreSQL database. */
export function watchDatabase(address: string): Watch {
  const rows = openRows(address);
  const seen: Snapshot[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const snapshot = async (): Promise<Snapshot> => {
    const [found] = await rows.all(snapshotSchema, SNAPSHOT);
    if (found === undefined) throw new MillraceError("internal", "a look at the database saw nothing");
    seen.push(found);
    return found;
  };
  return {
    snapshot() {
      const next = last.then(snapshot);
      // The caller gets the failure; the next snapshot is independent of it.
      last = next.catch(() => undefined);
      return next;
    },
    seen,
    [Symbol.asyncDispose]: () => rows[Symbol.asyncDispose](),
  };
}
