/**
 * Causes the planned faults of the database, one after the other, each when its number of kills is reached.
 *
 * A restart counts when the server accepts connections again; a dropped connection counts when it existed and is gone. A fault that
 * finds no connection to drop is retried.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { FleetDatabase, FleetServer } from "./database.fixture.js";
import { pick, type Random } from "./random.logic.js";
import type { DatabaseFaultCounts, DatabaseFault, DatabaseFaultKind } from "./database-faults.logic.js";

export interface DatabaseFaultOptions {
  readonly plan: readonly DatabaseFault[];
  readonly database: FleetDatabase;
  readonly random: Random;
  /** Number of kills so far. */
  killed(): number;
}

export interface DatabaseFaults extends AsyncDisposable {
  readonly happened: DatabaseFaultCounts;
  isDone(): boolean;
  /** Resolves when the current fault is over; later ones do not happen. Idempotent. */
  stop(): Promise<void>;
}

const POLL_MS = 20;
/** Time that a trap waits for a commit on its line before another is set, in ms. The user commits rarely, workers all the time. */
const TRAP_MS = { user: 2000, worker: 500 };
/** Share of cuts that are tried on the user's line first, 0 to 1. */
const USER_LINE_SHARE = 1 / 3;

export function startDatabaseFaults(options: DatabaseFaultOptions): DatabaseFaults {
  const happened: Record<DatabaseFaultKind, number> = { fast: 0, immediate: 0, terminated: 0, cut: 0 };
  const stopping = new AbortController();
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  async function provoke({ name, at }: DatabaseFault, server: FleetServer): Promise<void> {
    while (!stopping.signal.aborted) {
      const isTime = options.killed() >= at;
      if (isTime && (await happens(name, options, server))) return void (happened[name] += 1);
      await pause(POLL_MS);
    }
  }
  let isDone = false;
  const done = (async () => {
    const { server } = options.database;
    for (const databaseFaults of options.plan) if (server !== null) await provoke(databaseFaults, server);
    isDone = true;
  })();
  async function stop(): Promise<void> {
    stopping.abort();
    await done;
  }
  return { happened, isDone: () => isDone, stop, [Symbol.asyncDispose]: stop };
}

/** Causes one fault. False when there was nothing that it could happen to. */
async function happens(name: DatabaseFaultKind, options: DatabaseFaultOptions, server: FleetServer): Promise<boolean> {
  switch (name) {
    case "fast":
    case "immediate":
      await server.restart(name);
      return true;
    case "terminated":
      return server.terminateOne();
    case "cut":
      return cutOne(options);
  }
}

/** Cuts a connection right before or after a COMMIT, so that the outcome is unknown to the client. */
async function cutOne({ database, random }: DatabaseFaultOptions): Promise<boolean> {
  const isUserLine = random() < USER_LINE_SHARE;
  const { network } = isUserLine ? database.userLine : pick(random, database.lines);
  if (network === null) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const forget = network.trapCommit(pick(random, ["before", "after"]), () => resolve(true));
  const limit = setTimeout(() => resolve(false), isUserLine ? TRAP_MS.user : TRAP_MS.worker);
  const isCut = await promise;
  clearTimeout(limit);
  forget();
  return isCut;
}
