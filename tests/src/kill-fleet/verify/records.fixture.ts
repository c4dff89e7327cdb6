/** Records of a fleet's database, read without the store under test. */
import { mergeRecordSchema, runEventRecordSchema, runSchema, runStatusSchema, type RunEvent } from "@millrace/contracts";
import { z } from "zod";
import { openRows } from "./rows.fixture.js";

const json = z.string().transform((text): unknown => JSON.parse(text));
const count = z.number().int().nonnegative();

const runRow = z.object({
  id: z.string(),
  block_id: z.string(),
  status: runStatusSchema,
  revision: count,
  document: json.pipe(runSchema),
});
const eventRow = z.object({ cursor: count, run_id: z.string(), sequence: count, entry: json.pipe(runEventRecordSchema) });
const blockRow = z.object({
  pull_request: z.string().nullable(),
  id: z.string(),
  title: z.string(),
  status: z.string(),
  progress: z.number(),
  run_id: z.string().nullable(),
  merged: json.pipe(mergeRecordSchema).nullable(),
});
const wakeUpRow = z.object({ run_id: z.string(), owner: z.string().nullable() });
const notificationRow = z.object({ id: z.string(), run_id: z.string(), status: z.enum(["open", "acted", "dismissed"]) });
const usageRow = z.object({ key: z.string(), run_id: z.string(), input_tokens: count.nullable() });
const totalRow = z.object({ scope: z.string(), settled_micros: count });
const reservedRow = z.object({ scope: z.string(), reserved_micros: z.number() });
const outputRow = z.object({ key: z.string(), content: z.string() });

export type RunRow = z.infer<typeof runRow>;
export interface StoredEvent {
  readonly cursor: number;
  readonly sequence: number;
  readonly entry: RunEvent;
}

export interface FleetRecords {
  readonly runs: readonly RunRow[];
  /** Events of each run, in the order of the log. */
  readonly events: ReadonlyMap<string, readonly StoredEvent[]>;
  /** Blocks of tasks only. */
  readonly blocks: readonly z.infer<typeof blockRow>[];
  readonly wakeups: readonly z.infer<typeof wakeUpRow>[];
  readonly notifications: readonly z.infer<typeof notificationRow>[];
  readonly usage: readonly z.infer<typeof usageRow>[];
  readonly totals: readonly z.infer<typeof totalRow>[];
  /** Spending scopes with remaining reservations. */
  readonly reserved: readonly z.infer<typeof reservedRow>[];
  readonly outputs: ReadonlyMap<string, string>;
  /** Results of the database's integrity check; empty when it passes. */
  readonly damage: readonly string[];
}

/**
 * Reads a fleet's database. `address`: path of a SQLite file, or URL of a PostgreSQL database.
 *
 * @throws ZodError for an unreadable row, which `verify` reports as damage.
 */
export async function readRecords(address: string): Promise<FleetRecords> {
  await using rows = openRows(address);
  const { logOrder } = rows;
  const events = new Map<string, StoredEvent[]>();
  const log = `select row_number() over (order by ${logOrder}) as cursor, run_id, sequence, entry from events where run_id is not null order by ${logOrder}`;
  for (const { run_id: runId, ...event } of await rows.all(eventRow, log)) {
    const known = events.get(runId);
    if (known === undefined) events.set(runId, [event]);
    else known.push(event);
  }
  return {
    runs: await rows.all(runRow, "select * from runs order by created_at, id"),
    events,
    blocks: await rows.all(blockRow, "select * from blocks where level = 'task' order by created_at, id"),
    wakeups: await rows.all(wakeUpRow, "select * from wakeups"),
    notifications: await rows.all(notificationRow, "select * from notifications"),
    usage: await rows.all(usageRow, "select * from usage"),
    totals: await rows.all(totalRow, "select scope, settled_micros from spend_totals"),
    reserved: await rows.all(
      reservedRow,
      "select scope, reserved_micros from spend_totals where reserved_micros != 0 union all select run_id, micros from spend_reservations",
    ),
    outputs: new Map((await rows.all(outputRow, "select * from outputs")).map(({ key, content }) => [key, content])),
    damage: await rows.damage(),
  };
}
