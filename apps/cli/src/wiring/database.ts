import type { HostSettings, Host } from "@millrace/runtime-host";
import { MillraceError } from "@millrace/kernel";
import { openLocalRuntime } from "@millrace/runtime-local";
import { openNodeRuntime } from "@millrace/runtime-node";
import { createHash } from "node:crypto";
import type { Config } from "../config/config.schema.js";
import type { Io } from "../io.js";

export const DATABASE_VARIABLE = "MILLRACE_DATABASE";

/** Where a board is kept. */
export type DatabaseChoice = { readonly in: "sqlite" } | { readonly in: "postgres"; readonly url: string; readonly schema: string };

interface DatabaseSources {
  /** What `--database` said. */
  readonly option: string | null;
  readonly env: Io["env"];
}

/** The PostgreSQL URL somebody gave, on the command line or in the environment; null: none. */
export function givenDatabase({ option, env }: DatabaseSources): string | null {
  return option ?? (env[DATABASE_VARIABLE] || null);
}

/** Where the board of a configuration is. @throws MillraceError `config_invalid` when it is in PostgreSQL and nobody said where, or the other way round. */
export function databaseOf({ database }: Pick<Config, "database">, sources: DatabaseSources): DatabaseChoice {
  if (database == null) {
    // The variable may be there for other boards; the option was meant for this one.
    if (sources.option === null) return { in: "sqlite" };
    throw new MillraceError("config_invalid", "this board is in SQLite, not in a PostgreSQL database", {
      fix: "leave --database out; a board in PostgreSQL is made with: millrace init --database postgres://...",
    });
  }
  const url = givenDatabase(sources);
  if (url !== null) return { in: "postgres", url, schema: database.schema };
  throw new MillraceError("config_invalid", "this board is in a PostgreSQL database, and nobody said where that is", {
    fix: `give --database postgres://user@host/name, or set ${DATABASE_VARIABLE}`,
  });
}

/** Opens a host where the board is. @throws MillraceError `database_*`, `unavailable`, `config_invalid`. */
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

/** People look at a terminal, also where the state is in a server. */
const PATIENCE = { jobPollMs: 1000, gatePollMs: 1000 };

/** A schema that a folder's board has for itself: the same folder finds it again. */
export function schemaOfFolder(prefix: string, folder: string): string {
  return `${prefix}_${createHash("sha256").update(folder).digest("hex").slice(0, 10)}`;
}
