/**
 * Millrace in any number of processes on one PostgreSQL database.
 *
 * Owns: a host on that database. Does not own: how a host is wired (`@millrace/runtime-host`), what is stored (`@millrace/store-sql`).
 * Closing drains: no run is taken up any more, those at work come to a commit and are given back, connections close last.
 */
import { makeFolder, openHost, type Host, type HostSettings } from "@millrace/runtime-host";
import { openNodeDatabase, type NodeDatabaseOptions } from "./database.js";

export interface NodeRuntimeOptions extends HostSettings, NodeDatabaseOptions {
  /** How long a process that fell silent keeps its runs, in ms. Default 30,000. */
  readonly leaseMs?: number;
}

const LEASE_MS = 30_000;
const IDLE_MS = 1000;

/** Opens a runtime. @throws MillraceError `config_invalid`, `unavailable`, `database_*`; the database is then as it was. */
export async function openNodeRuntime(options: NodeRuntimeOptions): Promise<Host> {
  await makeFolder(options.folder);
  const database = await openNodeDatabase(options);
  const { clock, changed, onDue } = database;
  return openHost(options, database, { clock, leaseMs: options.leaseMs ?? LEASE_MS, idleMs: IDLE_MS, changed, onDue });
}
