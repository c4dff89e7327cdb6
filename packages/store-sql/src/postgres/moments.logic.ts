/**
 * The steps of commits in as few statements as mean the same.
 *
 * 1. Steps that touch different tables, or different rows of one group, become one statement: each a common table expression, all of
 *    which see the database as it was before any of them. The server reads one message instead of one for each.
 * 2. The same step of several commits becomes one about the rows of all.
 * 3. A step is never moved before one that touches its tables, and nothing is moved past one that tells no tables.
 * 4. Which step was refused is not told by such a statement. Whoever has to know sends the steps one by one.
 */
import type { GivenRows } from "../commit/given-rows.js";
import type { Step } from "../connection.js";
import type { SqlValue } from "../statement.js";

/** A value, or a column of given rows. */
export type SentValue = SqlValue | readonly SqlValue[];

/** A statement as it is sent. */
export interface Sent {
  readonly sql: string;
  readonly values: readonly SentValue[];
  /** Null when it stands for several. */
  readonly step: Step | null;
}

/** Statements of a moment: a text of this many is planned well under a millisecond, once a connection. */
const MAX_STEPS = 16;

/** Each step by itself. */
export function inTurn(steps: readonly Step[], texts: Texts): readonly Sent[] {
  return steps.flatMap((step) => step.otherwise ?? [step]).map((step) => sent({ ...EMPTY, parts: [only(step)] }, texts));
}

/** Steps together where they may be. */
export function inMoments(steps: readonly Step[], texts: Texts): readonly Sent[] {
  return moments(steps).map((moment) => sent(moment, texts));
}

/** A step, or the same step of several commits. */
interface Part {
  readonly step: Step;
  /** The rows of all of them. */
  readonly rows: (readonly SqlValue[])[];
}

interface Moment {
  readonly parts: Part[];
  /** A part stands for several steps. All then are about rows, so that few texts are prepared. */
  isJoined: boolean;
  /** Tables that are touched, and by which group. */
  readonly taken: Map<string, Step["group"]>;
}

const EMPTY = { isJoined: false, taken: new Map<string, Step["group"]>() };

function only(step: Step): Part {
  return { step, rows: [...(rowsOf(step)?.rows ?? [])] };
}

function rowsOf({ given, many }: Step): GivenRows | undefined {
  return given ?? many?.given;
}

function moments(steps: readonly Step[]): readonly Moment[] {
  const all: Moment[] = [];
  let earliest = 0;
  for (const step of steps) {
    const { tables, group } = step;
    if (tables === undefined) {
      earliest = all.push({ parts: [only(step)], isJoined: false, taken: new Map() });
      continue;
    }
    const { at, same } = placeOf(step, tables, all, earliest);
    const moment: Moment = all[at] ?? { parts: [], isJoined: false, taken: new Map() };
    if (same !== null) {
      same.rows.push(...(rowsOf(step)?.rows ?? []));
      moment.isJoined = true;
      continue;
    }
    if (at === all.length) all.push(moment);
    moment.parts.push(only(step));
    for (const table of tables) moment.taken.set(table, group);
  }
  return all;
}

/** Behind the last moment that touches one of its tables; or the part of that moment that is the same step. */
function placeOf(
  step: Step,
  tables: NonNullable<Step["tables"]>,
  all: readonly Moment[],
  earliest: number,
): { at: number; same: Part | null } {
  let at = all.length;
  for (let index = all.length - 1; index >= earliest; index -= 1) {
    const moment = all[index];
    if (moment === undefined) break;
    const same = rowsOf(step) === undefined ? undefined : moment.parts.find((part) => isSame(part.step, step));
    if (same !== undefined) return { at: index, same };
    if (tables.some((table) => moment.taken.has(table) && (step.group === undefined || moment.taken.get(table) !== step.group))) break;
    if (moment.parts.length < MAX_STEPS) at = index;
  }
  return { at, same: null };
}

function isSame(one: Step, other: Step): boolean {
  const [a, b] = [one.many ?? one, other.many ?? other];
  return a.sql === b.sql && a.given?.sql === b.given?.sql && a.with?.[0]?.sql === b.with?.[0]?.sql;
}

/** Something of a statement that has a name in it. */
interface Expression {
  readonly name: string;
  readonly sql: string;
  readonly values: readonly SentValue[];
}

function sent({ parts, isJoined }: Moment, texts: Texts): Sent {
  const [first] = parts;
  const step = parts.length === 1 && !isJoined ? (first?.step ?? null) : null;
  if (step !== null && step.with === undefined && step.given === undefined) return { sql: step.sql, values: step.values, step };
  const expressions = parts.flatMap((part, index) => expressionsOf(part, `step_${index}`, isJoined));
  return { sql: texts.of(expressions), values: expressions.flatMap(({ values }) => values), step };
}

function expressionsOf({ step, rows }: Part, name: string, isJoined: boolean): readonly Expression[] {
  const { given, with: before, sql, values } = isJoined ? (step.many ?? step) : step;
  const table = given === undefined ? [] : [{ name: given.name, sql: given.sql, values: columnsOf(rows) }];
  return [...table, ...(before ?? []), { name, sql, values }];
}

function columnsOf(rows: readonly (readonly SqlValue[])[]): readonly (readonly SqlValue[])[] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? null));
}

/** Texts of parts that were put together before. */
export class Texts {
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<string, string>();

  of(parts: readonly Expression[]): string {
    const key = parts.map(({ sql }) => this.#id(sql)).join();
    const known = this.#texts.get(key) ?? textOf(parts);
    this.#texts.set(key, known);
    return known;
  }

  #id(sql: string): number {
    const known = this.#ids.get(sql) ?? this.#ids.size;
    this.#ids.set(sql, known);
    return known;
  }
}

/** The last part is what the others are common table expressions of. */
function textOf(parts: readonly Expression[]): string {
  let values = 0;
  const texts = parts.map((part) => {
    const before = values;
    values += part.values.length;
    return part.sql.replaceAll(/\$(\d+)/g, (_, at: string) => `$${Number(at) + before}`);
  });
  const expressions = parts.slice(0, -1).map(({ name }, index) => `"${name}" as (${texts[index] ?? ""})`);
  return `with ${expressions.join(", ")} ${texts.at(-1) ?? ""}`;
}
