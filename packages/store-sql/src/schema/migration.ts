import type { Compilable, Kysely } from "kysely";
import type { Tables } from "../aggregates/tables.js";
import type { Dialect } from "../dialect.js";

/** One change of the schema. A released one never changes; the next change is a new one. */
export interface Migration {
  /**
   * `NNNN-name`, unique, the key in `millrace_migrations`. Migrations run in the order of their ids: one that refers to a table of another
   * aggregate has a higher number than the migration that creates it. Several aggregates may use the same number.
   */
  readonly id: string;
  /** Tables it creates: a database that lost one is refused when it is opened, not at the first query. */
  readonly tables: readonly (keyof Tables)[];
  readonly statements: (db: Kysely<Tables>, dialect: Dialect) => readonly Compilable[];
}

/** What a database has of the migrations of this build. */
export interface SchemaState {
  /** Migrations to run, in their order. */
  readonly pending: readonly Migration[];
  /** Applied migrations this build does not know: a later version wrote the database. */
  readonly unknown: readonly string[];
  /** Tables the applied migrations created. */
  readonly tables: readonly string[];
}

/** Compares the ids in `millrace_migrations` with the migrations of this build. */
export function schemaState(applied: readonly string[], migrations: readonly Migration[]): SchemaState {
  const isApplied = new Set(applied);
  const known = new Set(migrations.map(({ id }) => id));
  return {
    pending: migrations.filter(({ id }) => !isApplied.has(id)),
    unknown: applied.filter((id) => !known.has(id)),
    tables: migrations.filter(({ id }) => isApplied.has(id)).flatMap(({ tables }) => tables),
  };
}

/** Migrations in the order in which they run. Names are ASCII, so ids compare alike everywhere. */
export function inOrder(migrations: readonly Migration[]): readonly Migration[] {
  return migrations.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
