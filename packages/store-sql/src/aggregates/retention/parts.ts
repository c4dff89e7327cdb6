import type { RunPart } from "@millrace/kernel";
import { sql, type RawBuilder } from "kysely";

/** Where a part of a run is stored. */
interface PartTable {
  readonly table: "events" | "outputs" | "notifications" | "usage";
  /** Bit of the column `trimmed` that says that it is gone. */
  readonly bit: number;
  /** Characters of the texts of a row. */
  readonly characters: RawBuilder<number>;
  /** Rows that may go. */
  readonly which: RawBuilder<boolean>;
  /** Runs of which all rows may go. */
  readonly ofRun: RawBuilder<boolean>;
}

const ALL = sql<boolean>`1 = 1`;

export const PARTS: Readonly<Record<RunPart, PartTable>> = {
  events: { table: "events", bit: 1, characters: sql`length(details.entry)`, which: ALL, ofRun: ALL },
  outputs: { table: "outputs", bit: 2, characters: sql`length(details.content)`, which: ALL, ofRun: ALL },
  notifications: {
    table: "notifications",
    bit: 4,
    characters: sql`length(details.title) + length(details.body)`,
    which: sql`details.status <> 'open'`,
    ofRun: sql`not exists (
      select 1 from notifications as asked
      where asked.workspace_id = runs.workspace_id and asked.run_id = runs.id and asked.status = 'open')`,
  },
  usage: { table: "usage", bit: 8, characters: sql`0`, which: ALL, ofRun: ALL },
};

/** Written into statements and indexes alike: a partial index answers only when the database sees its condition. */
export function hasPart(bit: number): RawBuilder<boolean> {
  const mask = sql.lit(bit);
  return sql`(trimmed & ${mask}) = 0 and held = 0 and status not in ('running', 'waiting', 'paused', 'stopping')`;
}
