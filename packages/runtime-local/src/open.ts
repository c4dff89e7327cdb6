/**
 * The whole product on one machine: SQLite, local git repositories, agents as child processes.
 *
 * Owns: which database and how often it is looked at. Does not own: how a host is wired (`@millrace/runtime-host`).
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "@millrace/kernel";
import { makeFolder, openHost, type Host, type HostSettings } from "@millrace/runtime-host";
import { openSqliteStore } from "@millrace/store-sql";

export interface LocalRuntimeOptions extends HostSettings {
  /** `full` (default): an acknowledged command survives a power cut. `normal`: the last ones may be lost in one, never torn; about eight times the commits. */
  readonly durability?: "full" | "normal";
}

const PATIENCE = { jobPollMs: 1000, gatePollMs: 1000 };
const LEASE_MS = 15_000;
const IDLE_MS = 250;
/** How soon what another process wrote is looked at. */
const WATCH_MS = 100;

/** Opens a runtime. @throws MillraceError `database_*` when the database cannot be used. */
export async function openLocalRuntime(options: LocalRuntimeOptions): Promise<Host> {
  const clock: Clock = { now: () => Date.now() };
  const path = join(options.folder, "millrace.db");
  await makeFolder(options.folder);
  const { durability } = options;
  const sql = await openSqliteStore({ path, clock, ...(durability === undefined ? {} : { durability }) });
  return openHost(
    options,
    { ...sql, name: path },
    {
      clock,
      leaseMs: LEASE_MS,
      idleMs: IDLE_MS,
      patience: PATIENCE,
      changed: (_, signal) => delay(WATCH_MS, undefined, { signal }).catch(() => undefined),
    },
  );
}
