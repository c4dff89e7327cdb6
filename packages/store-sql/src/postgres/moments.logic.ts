/**
 * The steps of a batch in as few statements as mean the same.
 *
 * 1. Steps that touch different tables, or different rows of one group, become one statement: each a common table expression, all of
 *    which see the database as it was before any of them. The server reads one message instead of one for each.
 * 2. What is left keeps its order.
 * 3. Which step was refused is not told by such a statement. Whoever has to know sends the steps one by one.
 */
import type { Named, Step } from "../connection.js";
import type { BoundStatement } from "../statement.js";

/** A statement as it is sent. */
export interface Sent extends BoundStatement {
  /** Null when it stands for several. */
  readonly step: Step | null;
}

/** Statements of a moment: a text of this many is planned well under a millisecond, once a connection. */
const MAX_STEPS = 16;

/** Each step by itself. */
export function inTurn(steps: readonly Step[], texts: Texts): readonly Sent[] {
  return steps.map((step) => sent([step], texts));
}

/** Steps together where they may be. */
export function inMoments(steps: readonly Step[], texts: Texts): readonly Sent[] {
  return moments(steps).map((moment) => sent(moment, texts));
}

function moments(steps: readonly Step[]): readonly (readonly Step[])[] {
  const all: Step[][] = [];
  let taken = new Map<string, Step["group"]>();
  for (const step of steps) {
    const { tables, group } = step;
    const last = all.at(-1);
    const fits =
      tables !== undefined &&
      last !== undefined &&
      last.length < MAX_STEPS &&
      last[0]?.tables !== undefined &&
      tables.every((table) => !taken.has(table) || (group !== undefined && taken.get(table) === group));
    if (fits) last.push(step);
    else {
      all.push([step]);
      taken = new Map();
    }
    for (const table of tables ?? []) taken.set(table, group);
  }
  return all;
}

function sent(moment: readonly Step[], texts: Texts): Sent {
  const [step] = moment;
  if (step !== undefined && moment.length === 1 && step.with === undefined) return { sql: step.sql, values: step.values, step };
  const parts = moment.flatMap((one, index): readonly Named[] => [
    ...(one.with ?? []),
    { name: `step_${index}`, sql: one.sql, values: one.values },
  ]);
  return { sql: texts.of(parts), values: parts.flatMap(({ values }) => values), step: moment.length === 1 ? (step ?? null) : null };
}

/** Texts of parts that were put together before. */
export class Texts {
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<string, string>();

  of(parts: readonly Named[]): string {
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
function textOf(parts: readonly Named[]): string {
  let values = 0;
  const texts = parts.map((part) => {
    const before = values;
    values += part.values.length;
    return part.sql.replaceAll(/\$(\d+)/g, (_, at: string) => `$${Number(at) + before}`);
  });
  const expressions = parts.slice(0, -1).map(({ name }, index) => `"${name}" as (${texts[index] ?? ""})`);
  return `with ${expressions.join(", ")} ${texts.at(-1) ?? ""}`;
}
