import type { BlockChanges, BlockPatch, Clock } from "@millrace/kernel";
import { blueprintKeyTaken, notFound } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { blockRef, rowSetToCommit, toCommit, toCte, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { fewerThan, missingRow, nothingFrom } from "../../commit/guards.js";
import { rowSet } from "../../commit/row-set.js";
import type { SqlBuilder } from "../../connection.js";
import type { WritableCteDialect } from "../../dialect.js";
import type { SqlValue, Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import { toRow, typesOf } from "./columns.js";

export type BlockKey = { workspace_id: string; id: string };
type PatchRow = BlockKey & Record<string, SqlValue>;

/** Writes the members that are set, and nothing else. */
export function patchBlock({ db, dialect }: SqlBuilder, clock: Clock): ChangeHandlers<BlockChanges>["patch-block"] {
  const missing = missingRow(db, "blocks");
  const rowOf = (patch: BlockPatch): Readonly<Record<string, SqlValue>> => {
    const row = toRow(patch);
    return Object.keys(row).length === 0 ? row : { ...row, updated_at: clock.now() };
  };
  return dialect.supportsWritableCtes ? patchWithCte(db, missing, rowOf, dialect) : patchSequentially(db, missing, rowOf);
}

/** One statement per set of patched columns, compiled on first use: an unset column is not written. */
function byColumns<Compiled>(compile: (columns: readonly string[]) => Compiled): (columns: readonly string[]) => Compiled {
  const known = new Map<string, Compiled>();
  return (columns) => {
    const name = columns.join();
    const compiled = known.get(name) ?? compile(columns);
    known.set(name, compiled);
    return compiled;
  };
}

type PatchStatement = Statement<PatchRow, unknown>;

function patchStatement(db: Kysely<Tables>, columns: readonly string[], returning: boolean): PatchStatement {
  return statement<PatchRow>()((p) => {
    const update = db
      .updateTable("blocks")
      .set(Object.fromEntries(columns.map((column) => [column, p(column)])))
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"));
    return returning ? update.returning("id") : update;
  });
}

function patchSequentially(
  db: Kysely<Tables>,
  missing: Statement<BlockKey, unknown>,
  rowOf: (patch: BlockPatch) => Readonly<Record<string, SqlValue>>,
): ChangeHandlers<BlockChanges>["patch-block"] {
  const updateOf = byColumns((columns) => patchStatement(db, columns, false));
  return ({ workspaceId, id, patch }) => {
    const row = rowOf(patch);
    const columns = Object.keys(row);
    const key = { workspace_id: workspaceId, id };
    const guard = { ...toCommit(missing, key, { check: () => notFound("block", id) }), ensures: blockRef(workspaceId, id) };
    return columns.length === 0
      ? [guard]
      : [guard, toCommit(updateOf(columns), { ...row, ...key }, { unique: () => blueprintKeyTaken(id) })];
  };
}

/** One statement, refused unless it has changed a row. */
function patchWithCte(
  db: Kysely<Tables>,
  missing: Statement<BlockKey, unknown>,
  rowOf: (patch: BlockPatch) => Readonly<Record<string, SqlValue>>,
  dialect: WritableCteDialect,
): ChangeHandlers<BlockChanges>["patch-block"] {
  const guard = nothingFrom(db, "patched_block");
  const of = byColumns((columns) => ({ update: patchStatement(db, columns, true), bulk: bulkPatch(db, columns, dialect) }));
  return ({ workspaceId, id, patch }) => {
    const row = rowOf(patch);
    const columns = Object.keys(row);
    const key = { workspace_id: workspaceId, id };
    const refusals = { check: () => notFound("block", id), unique: () => blueprintKeyTaken(id) };
    const ensures = blockRef(workspaceId, id);
    if (columns.length === 0) return [{ ...toCommit(missing, key, refusals), ensures }];
    const { update, bulk } = of(columns);
    const ctes = [toCte("patched_block", update, { ...row, ...key })];
    return [{ ...toCommit(guard, {}, refusals), ctes, tables: ["blocks"], bulk: bulk({ ...key, ...row }), ensures }];
  };
}

function bulkPatch(db: Kysely<Tables>, columns: readonly string[], dialect: WritableCteDialect): (row: PatchRow) => CommitStatement {
  const rows = rowSet<PatchRow>(dialect, "block_rows", { workspace_id: "text", id: "text", ...typesOf(columns) });
  const update = statement<object>()(() =>
    db
      .withTables<{ block_rows: PatchRow }>()
      .updateTable("blocks")
      .from("block_rows")
      .set((eb) => Object.fromEntries(columns.map((column) => [column, eb.ref(`block_rows.${column}`)])))
      .whereRef("blocks.workspace_id", "=", "block_rows.workspace_id")
      .whereRef("blocks.id", "=", "block_rows.id")
      .returning("blocks.id"),
  );
  const ctes = [toCte("patched_blocks", update, {})];
  const guard = fewerThan(db, "patched_blocks", "block_rows");
  return (row) => ({ ...rowSetToCommit(guard, rows([row])), ctes });
}
