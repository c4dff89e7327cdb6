/**
 * The database of a fleet, and the faults that it supports. Workers and the user reach it over lines; snapshots and the verification
 * reach it directly.
 */
import type { BreakableNetwork } from "../store/postgres-proxy.fixture.js";

/** Faults of a database server. */
export interface FleetServer {
  /** Restarts the server: `immediate` as a crash, `fast` in an orderly way. Resolves when it accepts connections again. */
  restart(how: "fast" | "immediate"): Promise<void>;
  /** Ends one connection of a worker or the user, preferably an active one. False when there was none. */
  terminateOne(): Promise<boolean>;
}

/** A connection path to the database. */
export interface Line {
  /** Path of a file or URL of a server. */
  readonly address: string;
  /** Proxy that can break its connections; null for a direct path. */
  readonly network: BreakableNetwork | null;
}

export interface FleetDatabase {
  /** Path of a file or URL of a server, without a proxy. */
  readonly address: string;
  /** One line for each worker slot; successive workers of a slot share it. */
  readonly lines: readonly Line[];
  readonly userLine: Line;
  /** Null for a file. */
  readonly server: FleetServer | null;
}

/** A SQLite file that every process opens directly. */
export function sqliteFile(path: string, workers: number): FleetDatabase {
  const line: Line = { address: path, network: null };
  return { address: path, lines: Array.from({ length: workers }, () => line), userLine: line, server: null };
}
