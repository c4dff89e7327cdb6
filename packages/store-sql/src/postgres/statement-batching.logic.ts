/**
 * Combines the statements of commits into as few as mean the same, by data-modifying CTEs.
 *
 * 1. Statements that touch different tables, or different rows of one group, become one statement: each a CTE, all of
 *    which see the database as it was before any of them. The server reads one message instead of one for each.
 * 2. Equal statements of several commits become one over the row set of all.
 * 3. A statement never moves before one that touches its tables, and nothing moves past one that states no tables.
 * 4. A combined statement does not tell which of its parts was refused. To learn it, send the statements one by one.
 */
import type { CommitStatement } from "../commit/commit-statement.js";
import type { RowSet } from "../commit/row-set.js";
import type { SqlValue } from "../statement.js";

/** A value, or a column of a row set. */
export type WireValue = SqlValue | readonly SqlValue[];

/** A statement as it is sent. */
export interface WireStatement {
  readonly sql: string;
  readonly values: readonly WireValue[];
  /** The statement of the commit; null when it combines several. */
  readonly origin: CommitStatement | null;
}

/** Parts of a combined statement at most. A text of this many is planned in well under a millisecond, once per connection. */
const MAX_PARTS = 16;

/** Each statement by itself, in order, with its fallback in its place. */
export function sequential(statements: readonly CommitStatement[], cache: StatementCache): readonly WireStatement[] {
  return statements
    .flatMap((statement) => statement.fallback ?? [statement])
    .map((statement) => toWire({ parts: [onePart(statement)], isBulk: false }, cache));
}

/** Statements combined where they may be. */
export function batched(statements: readonly CommitStatement[], cache: StatementCache): readonly WireStatement[] {
  return combine(statements).map((combined) => toWire(combined, cache));
}

/** A statement, or equal statements of several commits. */
interface Part {
  readonly statement: CommitStatement;
  /** The rows of all of them. */
  readonly rows: (readonly SqlValue[])[];
}

interface CombinedStatement {
  readonly parts: Part[];
  /** A part stands for several statements. All parts then use their bulk form, so that few texts are prepared. */
  isBulk: boolean;
}

interface OpenCombined extends CombinedStatement {
  /** Tables that are touched, each with the group that touches it. */
  readonly touched: Map<string, CommitStatement["group"]>;
}

function onePart(statement: CommitStatement): Part {
  return { statement, rows: [...(rowSetOf(statement)?.rows ?? [])] };
}

function rowSetOf({ rowSet, bulk }: CommitStatement): RowSet | undefined {
  return rowSet ?? bulk?.rowSet;
}

function combine(statements: readonly CommitStatement[]): readonly CombinedStatement[] {
  const all: OpenCombined[] = [];
  let earliest = 0;
  for (const statement of statements) {
    const { tables, group } = statement;
    if (tables === undefined) {
      earliest = all.push({ parts: [onePart(statement)], isBulk: false, touched: new Map() });
      continue;
    }
    const { at, equal } = positionOf(statement, tables, all, earliest);
    const combined: OpenCombined = all[at] ?? { parts: [], isBulk: false, touched: new Map() };
    if (equal !== null) {
      equal.rows.push(...(rowSetOf(statement)?.rows ?? []));
      combined.isBulk = true;
      continue;
    }
    if (at === all.length) all.push(combined);
    combined.parts.push(onePart(statement));
    for (const table of tables) combined.touched.set(table, group);
  }
  return all;
}

/** After the last combined statement that touches one of its tables; or the part of that one that is the equal statement. */
function positionOf(
  statement: CommitStatement,
  tables: NonNullable<CommitStatement["tables"]>,
  all: readonly OpenCombined[],
  earliest: number,
): { at: number; equal: Part | null } {
  const { group } = statement;
  let at = all.length;
  for (let index = all.length - 1; index >= earliest; index -= 1) {
    const combined = all[index];
    if (combined === undefined) break;
    const equal = rowSetOf(statement) === undefined ? undefined : combined.parts.find((part) => isEqual(part.statement, statement));
    if (equal !== undefined) return { at: index, equal };
    if (tables.some((table) => combined.touched.has(table) && (group === undefined || combined.touched.get(table) !== group))) break;
    if (combined.parts.length < MAX_PARTS) at = index;
  }
  return { at, equal: null };
}

function isEqual(one: CommitStatement, other: CommitStatement): boolean {
  const [a, b] = [one.bulk ?? one, other.bulk ?? other];
  return a.sql === b.sql && a.rowSet?.sql === b.rowSet?.sql && a.ctes?.[0]?.sql === b.ctes?.[0]?.sql;
}

/** A named part of a statement's text. */
interface Expression {
  readonly name: string;
  readonly sql: string;
  readonly values: readonly WireValue[];
}

function toWire({ parts, isBulk }: CombinedStatement, cache: StatementCache): WireStatement {
  const [first] = parts;
  const origin = parts.length === 1 && !isBulk ? (first?.statement ?? null) : null;
  if (origin !== null && origin.ctes === undefined && origin.rowSet === undefined) {
    return { sql: origin.sql, values: origin.values, origin };
  }
  const expressions = parts.flatMap((part, index) => expressionsOf(part, `statement_${index}`, isBulk));
  return { sql: cache.textOf(expressions), values: expressions.flatMap(({ values }) => values), origin };
}

function expressionsOf({ statement, rows }: Part, name: string, isBulk: boolean): readonly Expression[] {
  const { rowSet, ctes, sql, values } = isBulk ? (statement.bulk ?? statement) : statement;
  const source = rowSet === undefined ? [] : [{ name: rowSet.name, sql: rowSet.sql, values: columnsOf(rows) }];
  return [...source, ...(ctes ?? []), { name, sql, values }];
}

function columnsOf(rows: readonly (readonly SqlValue[])[]): readonly (readonly SqlValue[])[] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? null));
}

/** Texts of combined statements, by the texts of their parts: equal combinations share one prepared statement. */
export class StatementCache {
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<string, string>();

  textOf(parts: readonly Expression[]): string {
    const key = parts.map(({ sql }) => this.#id(sql)).join();
    const known = this.#texts.get(key) ?? combinedText(parts);
    this.#texts.set(key, known);
    return known;
  }

  #id(sql: string): number {
    const known = this.#ids.get(sql) ?? this.#ids.size;
    this.#ids.set(sql, known);
    return known;
  }
}

/** The last part is the statement; the others are its CTEs. */
function combinedText(parts: readonly Expression[]): string {
  let values = 0;
  const texts = parts.map((part) => {
    const before = values;
    values += part.values.length;
    return part.sql.replaceAll(/\$(\d+)/g, (_, at: string) => `$${Number(at) + before}`);
  });
  const expressions = parts.slice(0, -1).map(({ name }, index) => `"${name}" as (${texts[index] ?? ""})`);
  return `with ${expressions.join(", ")} ${texts.at(-1) ?? ""}`;
}
