/** The real engine on the shared database, with the fleet's environment behind its ports. */
import { setTimeout as delay } from "node:timers/promises";
import type { Actor } from "@millrace/contracts";
import { MillraceError, type AgentExecutor, type Clock, type Forge, type Log, type Store, type WakeUps } from "@millrace/kernel";
import { outsideServicesOff, composeOrchestration, randomIds, trustEveryPerson, type Orchestration } from "@millrace/orchestration";
import { openNodeDatabase } from "@millrace/runtime-node";
import { openSqliteStore } from "@millrace/store-sql";

/** Short intervals, so that a fleet ends soon. */
const PATIENCE = { gatePollMs: 100, retryMs: 20, maxRetryMs: 200 };

export const clock = { now: (): number => Date.now() };
export const fleetActor: Actor = { type: "human", id: "ada" };

/** A database opened as by its runtime. */
interface OpenDatabase extends AsyncDisposable {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly clock: Clock;
  /** Subscribes to runs that other processes made due; null when the database has no notifications. */
  readonly onDue: ((callback: () => void, signal: AbortSignal) => void) | null;
}

export interface FleetEngine extends Orchestration, OpenDatabase {}

export interface FleetOutside {
  readonly agents: AgentExecutor;
  readonly forge: Forge;
  readonly log: Log;
  /** Interval between polls of a job, in ms. */
  readonly jobPollMs: number;
}

/** Opens an engine. `address`: path of a SQLite file, or URL of a PostgreSQL database. */
export async function openEngine(address: string, outside: FleetOutside): Promise<FleetEngine> {
  const database = await openDatabase(address, outside.log);
  const engine = composeOrchestration(
    {
      ...outsideServicesOff,
      ...database,
      agents: outside.agents,
      forges: { get: (name) => named(outside.forge, name) },
      sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
      ids: randomIds,
      log: outside.log,
      persons: trustEveryPerson,
    },
    { patience: { ...PATIENCE, jobPollMs: outside.jobPollMs } },
  );
  return { ...engine, ...database };
}

/** A SQLite store whose wake-ups are polled, or the database of the Node runtime, whose queue delivers them. */
async function openDatabase(address: string, log: Log): Promise<OpenDatabase> {
  if (address.startsWith("postgres://")) return openNodeDatabase({ url: address, log });
  return { ...(await openSqliteStore({ path: address, clock })), clock, onDue: null };
}

function named(forge: Forge, name: string): Forge {
  if (name === forge.name) return forge;
  throw new MillraceError("unavailable", `this fleet has no forge '${name}'`, { fix: `use '${forge.name}'` });
}
