/** The database of a fleet as plain records, read without the store whose work is being judged. */
import { DatabaseSync } from "node:sqlite";
import { mergeRecordSchema, runEventRecordSchema, runSchema, type RunEvent } from "@millrace/contracts";
import { z } from "zod";

const json = z.string().transform((text): unknown => JSON.parse(text));
const count = z.number().int().nonnegative();

const runRow = z.object({
  id: z.string(),
  block_id: z.string(),
  status: z.enum(["running", "waiting", "stopping", "done", "failed", "cancelled"]),
  revision: count,
  document: json.pipe(runSchema),
});
const eventRow = z.object({ cursor: count, run_id: z.string(), sequence: count, entry: json.pipe(runEventRecordSchema) });
const blockRow = z.object({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  progress: z.number(),
  run_id: z.string().nullable(),
  merged: json.pipe(mergeRecordSchema).nullable(),
});
const wakeUpRow = z.object({ run_id: z.string(), owner: z.string().nullable() });
const cardRow = z.object({ id: z.string(), run_id: z.string(), status: z.enum(["open", "acted", "dismissed"]) });
const usageRow = z.object({ key: z.string(), run_id: z.string(), input_tokens: count });
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
  /** In the order of the log, by run. */
  readonly events: ReadonlyMap<string, readonly StoredEvent[]>;
  /** Tasks only. */
  readonly blocks: readonly z.infer<typeof blockRow>[];
  readonly wakeups: readonly z.infer<typeof wakeUpRow>[];
  readonly cards: readonly z.infer<typeof cardRow>[];
  readonly usage: readonly z.infer<typeof usageRow>[];
  /** Scopes of spending in which something is still reserved. */
  readonly reserved: readonly z.infer<typeof reservedRow>[];
  readonly outputs: ReadonlyMap<string, string>;
  /** What SQLite finds wrong with its own file; empty when nothing is. */
  readonly damage: readonly string[];
}

/** @throws ZodError when a row cannot be read: that is damage too, and `verify` reports it. */
export function readRecords(databasePath: string): FleetRecords {
  const database = new DatabaseSync(databasePath, { readOnly: true });
  try {
    const all = <T>(row: z.ZodType<T>, sql: string): T[] => z.array(row).parse(database.prepare(sql).all());
    const events = new Map<string, StoredEvent[]>();
    for (const { run_id: runId, ...event } of all(eventRow, "select * from events where run_id is not null order by cursor"))
      events.set(runId, [...(events.get(runId) ?? []), event]);
    return {
      runs: all(runRow, "select * from runs order by created_at, id"),
      events,
      blocks: all(blockRow, "select * from blocks where level = 'task' order by created_at, id"),
      wakeups: all(wakeUpRow, "select * from wakeups"),
      cards: all(cardRow, "select * from notifications"),
      usage: all(usageRow, "select * from usage"),
      reserved: all(
        reservedRow,
        "select scope, reserved_micros from spend_totals where reserved_micros != 0 union all select run_id, micros from spend_reservations",
      ),
      outputs: new Map(all(outputRow, "select * from outputs").map(({ key, content }) => [key, content])),
      damage: damageOf(database),
    };
  } finally {
    database.close();
  }
}

function damageOf(database: DatabaseSync): readonly string[] {
  const found = database
    .prepare("pragma integrity_check")
    .all()
    .map((row) => String(Object.values(row)[0]));
  const dangling = database
    .prepare("pragma foreign_key_check")
    .all()
    .map((row) => `a row of ${String(row["table"])} points nowhere`);
  return [...found.filter((line) => line !== "ok"), ...dangling];
}
