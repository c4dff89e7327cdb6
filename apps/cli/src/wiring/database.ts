import type { HostSettings, Host } from "@millrace/runtime-host";
import { MillraceError } from "@millrace/kernel";
import { openLocalRuntime } from "@millrace/runtime-local";
import { openNodeRuntime } from "@millrace/runtime-node";
import { createHash } from "node:crypto";
import type { Config } from "../config/config.schema.js";
import type { Io } from "../io.js";

export const DATABASE_VARIABLE = "MILLRACE_DATABASE";

/** Place of a board: SQLite in its folder, or a schema of a PostgreSQL database. */
export type DatabaseChoice = { readonly in: "sqlite" } | { readonly in: "postgres"; readonly url: string; readonly schema: string };

/** Where the URL of a database may come from. */
interface DatabaseSources {
  /** Value of `--database`; null: not given. */
  readonly option: string | null;
  readonly env: Io["env"];
}

/** The PostgreSQL URL of the command line, else of the environment; null: none. */
export function givenDatabase({ option, env }: DatabaseSources): string | null {
  return option ?? (env[DATABASE_VARIABLE] || null);
}

/**
 * Place of the board of a configuration.
 *
 * @throws MillraceError `config_invalid` for a board in PostgreSQL without a URL, or one in SQLite with `--database`.
 */
export function databaseOf({ database }: Pick<Config, "database">, sources: DatabaseSources): DatabaseChoice {
  if (database == null) {
    // The variable may be meant for other boards; the option is meant for this one.
    if (sources.option === null) return { in: "sqlite" };
    throw new MillraceError("config_invalid", "this board is in SQLite, not in a PostgreSQL database", {
      fix: "leave --database out; a board in PostgreSQL is made with: millrace init --database postgres://...",
    });
  }
  const url = givenDatabase(sources);
  if (url !== null) return { in: "postgres", url, schema: database.schema };
  throw new MillraceError("config_invalid", "this board is in a PostgreSQL database, and its URL is not given", {
    fix: `give --database postgres://user@host/name, or set ${DATABASE_VARIABLE}`,
  });
}

/** Says that the variable names a database which this board is not in; null where it is used or not set. */
export function ignoredVariable({ database }: Pick<Config, "database">, { env }: Pick<DatabaseSources, "env">): string | null {
  if (database != null || !env[DATABASE_VARIABLE]) return null;
  return `this board is in SQLite: ${DATABASE_VARIABLE} is left aside (a board in PostgreSQL is made with: millrace init --database)`;
}

/**
 * Opens a host on the database of a board.
 *
 * @throws MillraceError `database_*`, `unavailable`, `config_invalid`.
 */
export function openOn(choice: DatabaseChoice, settings: HostSettings): Promise<Host> {
  switch (choice.in) {
    case "sqlite":
      return openLocalRuntime(settings);
    case "postgres":
      return openNodeRuntime({
        ...settings,
        url: choice.url,
        schema: choice.schema,
        options: { ...settings.options, patience: { ...PATIENCE, ...settings.options?.patience } },
      });
  }
}

/** Poll intervals in ms: shorter than those of a server, because a person watches the terminal. */
const PATIENCE = { jobPollMs: 1000, gatePollMs: 1000 };

/** Name of the schema of a folder's board: the same folder always has the same schema. */
export function schemaOfFolder(prefix: string, folder: string): string {
  return `${prefix}_${createHash("sha256").update(folder).digest("hex").slice(0, 10)}`;
}
