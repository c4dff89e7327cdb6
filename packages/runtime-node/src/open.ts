/**
 * Millrace in any number of processes on one PostgreSQL database.
 *
 * Owns: a host on that database. Does not own: the wiring of a host (`@millrace/runtime-host`), the stored data (`@millrace/store-sql`).
 * Closing drains: no further run is claimed, those in progress reach a commit and are released, connections close last.
 */
import { makeFolder, openHost, type Host, type HostSettings } from "@millrace/runtime-host";
import { openNodeDatabase, type NodeDatabaseOptions } from "./database.js";

/** Settings of a runtime: those of its host, those of its database, and the lease. */
export interface NodeRuntimeOptions extends HostSettings, NodeDatabaseOptions {
  /** How long a process that has stopped renewing its leases keeps its runs, in ms. Default 30,000. */
  readonly leaseMs?: number;
}

const LEASE_MS = 30_000;
const IDLE_MS = 1000;

/**
 * Opens a runtime. Closing it closes its database.
 *
 * @throws MillraceError `config_invalid`, `unavailable`, `database_*`; the database is then as it was.
 */
export async function openNodeRuntime(options: NodeRuntimeOptions): Promise<Host> {
  await makeFolder(options.folder);
  const database = await openNodeDatabase(options);
  const { clock, changed, onDue } = database;
  return openHost(options, database, { clock, leaseMs: options.leaseMs ?? LEASE_MS, idleMs: IDLE_MS, changed, onDue });
}
