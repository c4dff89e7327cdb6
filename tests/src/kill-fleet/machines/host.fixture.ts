/** The host of a fleet with real jobs: wired as every runtime wires it, with a short lease. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { AgentLaunch } from "@millrace/executors";
import { modelProxyOff, type Log } from "@millrace/kernel";
import { trustEveryPerson } from "@millrace/orchestration";
import { openHost, makeFolder, type Host, type HostDatabase, type HostDriving } from "@millrace/runtime-host";
import { openNodeDatabase } from "@millrace/runtime-node";
import { openSqliteStore } from "@millrace/store-sql";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { BROKEN } from "./agent.logic.js";

const HOOK = fileURLToPath(new URL("../../../../packages/executors/src/source-hook.ts", import.meta.url));
const AGENT = fileURLToPath(new URL("agent.ts", import.meta.url));
const IDLE_MS = 100;
const PATIENCE = { jobPollMs: 400, gatePollMs: 400, retryMs: 50, maxRetryMs: 500 };
/** Red for the text that `agent.ts` leaves red. */
const CHECK = { name: "test", argv: ["sh", "-c", `! grep -rqs ${BROKEN} work`] as [string, ...string[]], timeoutMs: 60_000 };

export const placeSchema = z.strictObject({
  /** Path of a SQLite file, or URL of a PostgreSQL database. */
  database: z.string(),
  /** Folder of this host: jobs and checks. */
  folder: z.string(),
  /** Folder of the bare repositories of every machine. */
  repositories: z.string(),
  /** File that agents write to. */
  ledger: z.string(),
  /** Length of a lease, in ms. One of several machines without a sign of life for it is gone. */
  leaseMs: z.number(),
  /** 1, or more for agents that work 2.5 s longer for each unit above it. */
  slowness: z.number(),
});
export type Place = z.infer<typeof placeSchema>;

/** A plain command that ends within milliseconds, and says nothing of what it costs. */
const REVIEWER: AgentLaunch = {
  via: "command",
  name: "printf",
  argv: ["printf", "%s", JSON.stringify({ rating: 0.95, summary: "good" })],
  prompt: "stdin",
  installHint: "it is part of the system",
};

function agentOf({ ledger, slowness }: Place): AgentLaunch {
  const argv = [process.execPath, "--disable-warning=ExperimentalWarning", "--import", HOOK, AGENT, ledger, String(slowness)] as const;
  return { via: "acp", name: "fleet", argv, installHint: "it is a file of this package", loginHint: "log in to nothing" };
}

export const bareOf = ({ repositories }: Pick<Place, "repositories">, id: string): string => join(repositories, `${id}.git`);

/** Opens a host. `clock`: that of the machine, which a SQLite file's processes share; a PostgreSQL database has its own. */
export async function openFleetHost(place: Place, log: Log, clock: { now(): number } = { now: () => Date.now() }): Promise<Host> {
  await makeFolder(place.folder);
  const database = await openDatabase(place.database, log, clock);
  return openHost(
    {
      folder: place.folder,
      // The agents of the fleet write to a ledger outside of their work.
      sandbox: "none",
      modelProxy: modelProxyOff,
      launchFor: (kind) => (kind === "reviewer" ? REVIEWER : agentOf(place)),
      repositories: async (id) => ({ path: bareOf(place, id), url: `local-git:${id}`, checks: [CHECK] }),
      log,
      persons: trustEveryPerson,
      options: { patience: PATIENCE },
    },
    database,
    {
      clock: database.clock,
      leaseMs: place.leaseMs,
      idleMs: IDLE_MS,
      changed: database.changed,
      ...(database.onDue === undefined ? {} : { onDue: database.onDue }),
    },
  );
}

type Opened = HostDatabase & Pick<HostDriving, "clock" | "changed" | "onDue">;

async function openDatabase(address: string, log: Log, clock: { now(): number }): Promise<Opened> {
  if (address.startsWith("postgres://")) return openNodeDatabase({ url: address, log });
  const changed: HostDriving["changed"] = (_, signal) => delay(IDLE_MS, undefined, { signal }).catch(() => undefined);
  return { ...(await openSqliteStore({ path: address, clock })), name: address, clock, changed };
}
