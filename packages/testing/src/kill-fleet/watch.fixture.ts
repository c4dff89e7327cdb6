/** Looks at the database of a living fleet, each look one statement and so one snapshot. */
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";

const LOOK = `
  select
    (select count(*) from events) as events,
    (select count(*) from runs) as runs,
    (select count(*) from runs where status in ('running', 'waiting', 'stopping')) as live,
    (select count(*) from runs where status in ('running', 'stopping')
      and not exists (select 1 from wakeups where wakeups.run_id = runs.id)) as asleep,
    (select count(*) from runs where status = 'waiting'
      and not exists (select 1 from notifications where notifications.run_id = runs.id and notifications.status = 'open')) as unasked,
    (select count(*) from wakeups where not exists (
      select 1 from runs where runs.id = wakeups.run_id and runs.status in ('running', 'stopping'))) as stray`;

const lookSchema = z.object({
  events: z.number(),
  runs: z.number(),
  live: z.number(),
  asleep: z.number(),
  unasked: z.number(),
  stray: z.number(),
});
type Look = z.infer<typeof lookSchema>;

export interface Watch extends Disposable {
  look(): Look;
}

export function watchDatabase(path: string): Watch {
  const database = new DatabaseSync(path, { readOnly: true });
  const statement = database.prepare(LOOK);
  return { look: () => lookSchema.parse(statement.get()), [Symbol.dispose]: () => database.close() };
}
