import type { Compilable, Kysely } from "kysely";
import type { Dialect } from "../dialect.js";
import { initialSchema, initialTables } from "./migration-0001.js";
import type { Tables } from "./tables.js";

export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Tables it creates: a file that lost one is refused when it is opened, not at the first query. */
  readonly tables: readonly (keyof Tables)[];
  readonly statements: (db: Kysely<Tables>, dialect: Dialect) => readonly Compilable[];
}

/** In order, numbered from 1 without gaps. A released one never changes; a change of the schema is a new one. */
export const migrations: readonly Migration[] = [{ version: 1, name: "initial", tables: initialTables, statements: initialSchema }];

/** The schema version this build writes and the highest it can read. */
export const SCHEMA_VERSION: number = migrations.length;
