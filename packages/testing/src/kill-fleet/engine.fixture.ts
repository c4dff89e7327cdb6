/** Everything of a fleet that is Millrace: the real engine on the shared database, with the world as its outside. */
import type { Actor } from "@millrace/contracts";
import { MillraceError, type AgentExecutor, type Forge, type Log, type WakeUps } from "@millrace/kernel";
import { servicesOff, composeOrchestration, randomIds, type Orchestration } from "@millrace/orchestration";
import { openSqliteStore, type SqlStore } from "@millrace/store-sql";

/** Short, so that a fleet is over soon. */
const PATIENCE = { gatePollMs: 100, retryMs: 20, maxRetryMs: 200 };

export const clock = { now: (): number => Date.now() };
export const fleetPerson: Actor = { type: "human", id: "ada" };

export interface FleetEngine extends Orchestration, AsyncDisposable {
  readonly sql: SqlStore;
  readonly wakeups: WakeUps;
}

export async function openEngine(
  databasePath: string,
  outside: { readonly agents: AgentExecutor; readonly forge: Forge; readonly log: Log; readonly jobPollMs: number },
): Promise<FleetEngine> {
  const sql = await openSqliteStore({ path: databasePath, clock });
  const engine = composeOrchestration(
    {
      ...servicesOff,
      store: sql.store,
      wakeups: sql.wakeups,
      agents: outside.agents,
      forges: { get: (name) => named(outside.forge, name) },
      clock,
      ids: randomIds,
      log: outside.log,
    },
    { patience: { ...PATIENCE, jobPollMs: outside.jobPollMs } },
  );
  return { ...engine, sql, wakeups: sql.wakeups, [Symbol.asyncDispose]: () => sql.close() };
}

function named(forge: Forge, name: string): Forge {
  if (name === forge.name) return forge;
  throw new MillraceError("unavailable", `this fleet has no forge '${name}'`, { fix: `use '${forge.name}'` });
}
