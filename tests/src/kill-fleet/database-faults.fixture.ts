/**
 * Plays the planned trouble with the database, one after the other, each when its kills have happened.
 *
 * A restart counts when the server takes connections again, a dropped connection when there was one and it is gone. What finds nothing to
 * drop is tried again until it does.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { FleetDatabase, FleetServer } from "./database.fixture.js";
import { pick, type Random } from "./random.logic.js";
import type { DatabaseFaultCounts, DatabaseFault, DatabaseFaultKind } from "./database-faults.logic.js";

export interface DatabaseFaultOptions {
  readonly plan: readonly DatabaseFault[];
  readonly database: FleetDatabase;
  readonly random: Random;
  /** Kills so far. */
  killed(): number;
}

export interface DatabaseFaults extends AsyncDisposable {
  readonly happened: DatabaseFaultCounts;
  isDone(): boolean;
  /** Resolves when what is being played is over; the rest is not played. Repeating it is harmless. */
  stop(): Promise<void>;
}

const POLL_MS = 20;
/** How long a trap waits for a commit on its line before another one is set, in ms. People commit now and then, workers all the time. */
const TRAP_MS = { user: 2000, worker: 500 };
/** How many cuts are tried on the line of the people first. */
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

/** False when there was nothing that it could happen to. */
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

/** Cuts a connection around a commit: its outcome is anybody's guess. */
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
