/**
 * The database of a fleet: where it is, and what can be done to it. Workers and people reach it over lines; the watch and the
 * verification reach it directly.
 */
import type { BreakableNetwork } from "../store/postgres-proxy.fixture.js";

/** What can become of the server while the fleet works. */
export interface FleetServer {
  /** `immediate` as a crash, `fast` as a person does it. Resolves when it takes connections again. */
  restart(how: "fast" | "immediate"): Promise<void>;
  /** Ends a connection of a worker or of the people, one that is at work if there is one. False when there was none to end. */
  terminateOne(): Promise<boolean>;
}

/** One way to the database. */
export interface Line {
  /** Path of a file or URL of a server. */
  readonly address: string;
  /** What can be cut on it; null when there is nothing in between. */
  readonly network: BreakableNetwork | null;
}

export interface FleetDatabase {
  /** Path of a file or URL of a server, with nothing in between. */
  readonly address: string;
  /** One for each place of a worker; a place that has more workers one after the other has one line. */
  readonly lines: readonly Line[];
  readonly userLine: Line;
  /** Null for a file. */
  readonly server: FleetServer | null;
}

/** One SQLite file, which every process opens by itself. */
export function sqliteFile(path: string, workers: number): FleetDatabase {
  const line: Line = { address: path, network: null };
  return { address: path, lines: Array.from({ length: workers }, () => line), userLine: line, server: null };
}
