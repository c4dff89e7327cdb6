/**
 * Millrace on one machine: a SQLite file, local git repositories, agents as child processes.
 *
 * Owns: the choice of the database and how often it is polled. Does not own: the wiring of a host (`@millrace/runtime-host`).
 */
import { makeFolder, openHost, type Host, type HostSettings } from "@millrace/runtime-host";
import { systemClock } from "./clock.js";
import { openLocalDatabase } from "./database.js";
import { changed } from "./signals.js";

/** Settings of a runtime: those of its host, and the durability of its database. */
export interface LocalRuntimeOptions extends HostSettings {
  /**
   * `full` (default): an acknowledged command survives a power cut. `normal`: about eight times the commits per second; a power cut may
   * lose the last commands, as a whole and never in part.
   */
  readonly durability?: "full" | "normal";
}

/** A local poll costs little, so waits are short: time between two polls of a job and of a gate, in ms. */
const PATIENCE = { jobPollMs: 1000, gatePollMs: 1000 };
const LEASE_MS = 15_000;
const IDLE_MS = 250;

/**
 * Opens a runtime. Closing it closes its database.
 *
 * @throws MillraceError `database_*` when the folder or the database cannot be used.
 */
export async function openLocalRuntime(options: LocalRuntimeOptions): Promise<Host> {
  await makeFolder(options.folder);
  const database = await openLocalDatabase(options.folder, options.durability);
  return openHost(options, database, { clock: systemClock, leaseMs: LEASE_MS, idleMs: IDLE_MS, patience: PATIENCE, changed });
}
