/**
 * Hints between the processes of one database, over LISTEN and NOTIFY.
 *
 * Owns: the listening connection and the subscribers of this process. Does not own: the facts, which are in the rows.
 * 1. A hint says where to read and is never believed: a lost one costs one poll.
 * 2. "A run is due" is sent in the transaction that made it due. "A workspace has new events" is sent after it, once for many commits:
 *    NOTIFY takes a lock of the whole server at commit, and commits of different runs must not wait for each other.
 * 3. A broken connection is opened again, and every subscriber is called then: messages may have been missed meanwhile.
 */
import { LONGEST_TIMER_MS, logFailure, type Log } from "@millrace/kernel";
import type { BoundStatement, PostgresQuery } from "@millrace/store-sql/postgres";
import { Client, escapeIdentifier } from "pg";

export interface Signals {
  /** Statement for a transaction that makes a run due now: its commit notifies all processes. */
  readonly notifyDue: BoundStatement;
  /** Tells this process at once, and the others within 20 ms, that a workspace has new events. */
  announce(workspaceId: string): void;
  /** Calls back when a run became due, until the signal aborts. */
  readonly onDue: (callback: () => void, signal: AbortSignal) => void;
  /** Resolves when the workspace has new events, after `pollMs` at the latest, or when the signal aborts. Never rejects. */
  readonly changed: (workspaceId: string, signal: AbortSignal) => Promise<void>;
  close(): Promise<void>;
}

export interface SignalsOptions {
  readonly url: string;
  readonly schema: string;
  readonly query: PostgresQuery;
  /** Longest wait of `changed` without a hint, in ms. */
  readonly pollMs: number;
  readonly log: Log;
}

/** Time in which the events of many commits are gathered into one NOTIFY, in ms. */
const GATHER_MS = 20;
/** Longest wait for one connection, in ms. */
const CONNECT_MS = 5000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;

/** Opens the signals of a database. Resolves when the first attempt to listen has ended, also when it failed: it is repeated then. */
export async function openSignals(options: SignalsOptions): Promise<Signals> {
  const dueChannel = `${options.schema}_due`;
  const eventChannel = `${options.schema}_events`;
  const subscriptions = createSubscriptions(options.pollMs);
  const publisher = createPublisher(options, eventChannel);
  const listener = listen(options, [dueChannel, eventChannel], {
    onMessage(channel, payload) {
      if (channel === dueChannel) subscriptions.emitDue();
      else subscriptions.emitChanged(payload);
    },
    onConnected: () => subscriptions.resync(),
  });
  await listener.first;
  return {
    notifyDue: { sql: "select pg_notify($1, '')", values: [dueChannel] },
    announce(workspaceId) {
      // The subscribers of this process need no round trip to the server.
      subscriptions.emitChanged(workspaceId);
      publisher.notify(workspaceId);
    },
    onDue: (callback, signal) => subscriptions.onDue(callback, signal),
    changed: (workspaceId, signal) => subscriptions.waitForChange(workspaceId, signal),
    async close() {
      publisher.close();
      await listener.close();
    },
  };
}

/** The subscribers of this process. */
function createSubscriptions(pollMs: number) {
  const dueCallbacks = new Set<() => void>();
  const waiting = new Map<string, Set<() => void>>();
  const emitChanged = (workspaceId: string): void => {
    for (const wake of waiting.get(workspaceId) ?? []) wake();
  };
  const emitDue = (): void => {
    for (const callback of dueCallbacks) callback();
  };
  return {
    emitDue,
    emitChanged,
    /** Calls every subscriber. */
    resync(): void {
      emitDue();
      for (const workspaceId of waiting.keys()) emitChanged(workspaceId);
    },
    onDue(callback: () => void, signal: AbortSignal): void {
      dueCallbacks.add(callback);
      signal.addEventListener("abort", () => void dueCallbacks.delete(callback), { once: true });
    },
    waitForChange(workspaceId: string, signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        const wakes = waiting.get(workspaceId) ?? new Set();
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          wakes.delete(wake);
          if (wakes.size === 0) waiting.delete(workspaceId);
          resolve();
        };
        const timer = setTimeout(wake, Math.min(pollMs, LONGEST_TIMER_MS));
        waiting.set(workspaceId, wakes.add(wake));
        signal.addEventListener("abort", wake, { once: true });
        if (signal.aborted) wake();
      });
    },
  };
}

/** Publishes workspaces with new events to all processes, `GATHER_MS` after the first one that is waiting. */
function createPublisher({ query, log }: SignalsOptions, channel: string) {
  const gathered = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  const publish = (): void => {
    timer = null;
    const workspaceIds = [...gathered];
    gathered.clear();
    query("select pg_notify($1, workspace_id) from unnest($2::text[]) as changed (workspace_id)", [channel, workspaceIds]).catch(
      (error: unknown) => logFailure(log, "events-not-announced", error),
    );
  };
  return {
    notify(workspaceId: string): void {
      gathered.add(workspaceId);
      timer ??= setTimeout(publish, GATHER_MS).unref();
    },
    close(): void {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

interface Listener {
  /** Resolves when the first attempt to connect has ended. Never rejects. */
  readonly first: Promise<void>;
  close(): Promise<void>;
}

interface ListenerEvents {
  onMessage(channel: string, payload: string): void;
  /** Called after each connect, the first one included. */
  onConnected(): void;
}

/** Listens on a connection of its own, which is opened again whenever it breaks, with exponential backoff, until it is closed. */
function listen({ url, log }: SignalsOptions, channels: readonly string[], events: ListenerEvents): Listener {
  const closing = new AbortController();
  let retryMs = FIRST_RETRY_MS;
  let client: Client | null = null;
  let timer: NodeJS.Timeout | null = null;

  const reconnectLater = (): void => {
    if (closing.signal.aborted) return;
    timer = setTimeout(() => void connect(), retryMs).unref();
    retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
  };

  async function connect(): Promise<void> {
    const fresh = new Client({
      connectionString: url,
      application_name: "millrace-listener",
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MS,
    });
    client = fresh;
    let ended = false;
    const onEnd = (): void => {
      if (ended) return;
      ended = true;
      reconnectLater();
    };
    fresh.on("error", onEnd);
    fresh.on("end", onEnd);
    fresh.on("notification", ({ channel, payload }) => events.onMessage(channel, payload ?? ""));
    try {
      await fresh.connect();
      for (const channel of channels) await fresh.query(`listen ${escapeIdentifier(channel)}`);
      retryMs = FIRST_RETRY_MS;
      events.onConnected();
    } catch (error) {
      logFailure(log, "listener-not-connected", error);
      await fresh.end().catch(() => undefined);
      onEnd();
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
