import type { Compilable, RawBuilder } from "kysely";
import { sql } from "kysely";

/** A value every supported database can bind. */
export type SqlValue = string | number | null;

/** A statement's text with its values in place. */
export interface BoundStatement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * SQL compiled once, run many times. Kysely checks names and types while it is built; the hot path only
 * passes text to the driver's statement cache and puts each argument in its place.
 */
export interface Statement<Args, Row> {
  readonly sql: string;
  readonly bind: (args: Args) => readonly SqlValue[];
  /** True for a SELECT: running it again is harmless. */
  readonly reads: boolean;
  /** The shape of one row; a type only, never set. */
  readonly row?: Row;
}

/** The placeholder of a named argument while a statement is built. */
export type Param<Args> = <Name extends keyof Args & string>(name: Name) => RawBuilder<Args[Name]>;

class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * `statement<{ id: string }>()((p) => db.selectFrom("workspaces").selectAll().where("id", "=", p("id")))`.
 * Two calls, so that the arguments are stated and the row is inferred.
 */
export function statement<Args extends { readonly [Name in keyof Args]: SqlValue }>(): <Row>(
  build: (param: Param<Args>) => Compilable<Row>,
) => Statement<Args, Row> {
  return (build) => {
    const { sql: text, parameters, query } = build((name) => sql`${new Slot(name)}`).compile();
    const readers = parameters.map(reader<Args>);
    return { sql: text, bind: (args) => readers.map((read) => read(args)), reads: query.kind === "SelectQueryNode" };
  };
}

function reader<Args extends { readonly [Name in keyof Args]: SqlValue }>(parameter: unknown): (args: Args) => SqlValue {
  if (parameter instanceof Slot) {
    const name = parameter.name as keyof Args;
    return (args) => args[name];
  }
  const constant = parameter as SqlValue;
  return () => constant;
}

/** One statement per number of rows or values, compiled on first use. */
export function bySize<Args>(build: (size: number) => Statement<Args, unknown>): (size: number) => Statement<Args, unknown> {
  const compiled = new Map<number, Statement<Args, unknown>>();
  return (size) => {
    const known = compiled.get(size) ?? build(size);
    compiled.set(size, known);
    return known;
  };
}
