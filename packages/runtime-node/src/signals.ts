/**
 * Hints between the processes of one database, over LISTEN and NOTIFY.
 *
 * 1. A hint says where to look and is never believed: one that is lost costs a poll.
 * 2. That a run is due is told in the transaction that made it due; that there are new events is told after it, once for many commits:
 *    a NOTIFY takes a lock of the whole server at commit, which commits of different runs must not wait for.
 * 3. A connection that breaks is made again. Whoever listens is called back then: something may have been missed.
 */
import { logFailure, type Log } from "@millrace/kernel";
import type { BoundStatement, PostgresQuery } from "@millrace/store-sql/postgres";
import { Client, escapeIdentifier } from "pg";

export interface Signals {
  /** Part of a commit: a run is due now. */
  readonly dueStep: BoundStatement;
  /** Tells that a workspace has new events, soon. */
  announce(workspaceId: string): void;
  readonly onDue: (callback: () => void, signal: AbortSignal) => void;
  /** Resolves when the workspace has new events, after `pollMs` at the latest, or when the signal aborts. */
  readonly changed: (workspaceId: string, signal: AbortSignal) => Promise<void>;
  close(): Promise<void>;
}

export interface SignalsOptions {
  readonly url: string;
  readonly schema: string;
  readonly query: PostgresQuery;
  /** How long readers wait when nobody tells them anything, in ms. */
  readonly pollMs: number;
  readonly log: Log;
}

/** Events of many commits are told of at once. */
const GATHER_MS = 20;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;

/** Resolves when the first attempt to listen has ended, whichever way. */
export async function openSignals(options: SignalsOptions): Promise<Signals> {
  const due = `${options.schema}_due`;
  const events = `${options.schema}_events`;
  const ears = createEars(options.pollMs);
  const mouth = createMouth(options, events);
  const listener = listen(options, [due, events], (channel, workspaceId) => {
    if (channel === due) ears.due();
    else if (workspaceId === null) ears.everything();
    else ears.changed(workspaceId);
  });
  await listener.first;
  return {
    dueStep: { sql: "select pg_notify($1, '')", values: [due] },
    announce(workspaceId) {
      // This process needs no server to tell itself.
      ears.changed(workspaceId);
      mouth.say(workspaceId);
    },
    onDue: (callback, signal) => ears.onDue(callback, signal),
    changed: (workspaceId, signal) => ears.wait(workspaceId, signal),
    async close() {
      mouth.close();
      await listener.close();
    },
  };
}

/** Who listens in this process. */
function createEars(pollMs: number) {
  const onDue = new Set<() => void>();
  const waiting = new Map<string, Set<() => void>>();
  const changed = (workspaceId: string): void => {
    for (const wake of waiting.get(workspaceId) ?? []) wake();
  };
  const due = (): void => {
    for (const callback of onDue) callback();
  };
  return {
    due,
    changed,
    everything(): void {
      due();
      for (const workspaceId of waiting.keys()) changed(workspaceId);
    },
    onDue(callback: () => void, signal: AbortSignal): void {
      onDue.add(callback);
      signal.addEventListener("abort", () => void onDue.delete(callback), { once: true });
    },
    wait(workspaceId: string, signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        const wakes = waiting.get(workspaceId) ?? new Set();
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          wakes.delete(wake);
          if (wakes.size === 0) waiting.delete(workspaceId);
          resolve();
        };
        const timer = setTimeout(wake, pollMs);
        waiting.set(workspaceId, wakes.add(wake));
        signal.addEventListener("abort", wake, { once: true });
        if (signal.aborted) wake();
      });
    },
  };
}

/** Tells the other processes, `GATHER_MS` after the first thing there is to tell. */
function createMouth({ query, log }: SignalsOptions, channel: string) {
  const gathered = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  const tell = (): void => {
    timer = null;
    const told = [...gathered];
    gathered.clear();
    query("select pg_notify($1, workspace_id) from unnest($2::text[]) as told (workspace_id)", [channel, told]).catch((error: unknown) =>
      logFailure(log, "events-not-announced", error),
    );
  };
  return {
    say(workspaceId: string): void {
      gathered.add(workspaceId);
      timer ??= setTimeout(tell, GATHER_MS).unref();
    },
    close(): void {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

interface Listener {
  readonly first: Promise<void>;
  close(): Promise<void>;
}

type Heard = (channel: string | null, payload: string | null) => void;

/** A connection that only listens, made again until it is closed. After each new one `heard(null, null)`: something may have been missed. */
function listen({ url, log }: SignalsOptions, channels: readonly string[], heard: Heard): Listener {
  const closing = new AbortController();
  let retryMs = FIRST_RETRY_MS;
  let client: Client | null = null;
  let timer: NodeJS.Timeout | null = null;

  const again = (): void => {
    if (closing.signal.aborted) return;
    timer = setTimeout(() => void connect(), retryMs).unref();
    retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
  };

  async function connect(): Promise<void> {
    const fresh = new Client({ connectionString: url, application_name: "millrace-listener", keepAlive: true });
    client = fresh;
    let ended = false;
    const lost = (): void => {
      if (ended) return;
      ended = true;
      again();
    };
    fresh.on("error", lost);
    fresh.on("end", lost);
    fresh.on("notification", ({ channel, payload }) => heard(channel, payload ?? null));
    try {
      await fresh.connect();
      for (const channel of channels) await fresh.query(`listen ${escapeIdentifier(channel)}`);
      retryMs = FIRST_RETRY_MS;
      heard(null, null);
    } catch (error) {
      logFailure(log, "listener-not-connected", error);
      await fresh.end().catch(() => undefined);
      lost();
    }
  }

  const first = connect();
  return {
    first,
    async close() {
      closing.abort();
      if (timer !== null) clearTimeout(timer);
      await first;
      await client?.end().catch(() => undefined);
    },
  };
}
