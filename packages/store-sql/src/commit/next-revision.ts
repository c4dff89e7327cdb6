import { rowChanged } from "@millrace/kernel";
import { sql, type RawBuilder } from "kysely";
import type { Param } from "../statement.js";
import type { CommitStatement } from "./commit-statement.js";

/**
 * The revision that a change gives its row: one higher, or NULL, which the NOT NULL column refuses, when it is not the expected one. The
 * comparison is a part of the write, so that of two writers at once the second is refused.
 */
export function nextRevision(p: Param<{ expected: number }>): RawBuilder<number> {
  return sql<number>`case when revision = ${p("expected")} then revision + 1 end`;
}

/** The meaning of that refusal. */
export function whenStale(entity: string, id: string, expected: number): NonNullable<CommitStatement["refusals"]> {
  return { "not-null": () => rowChanged(entity, id, expected) };
}
