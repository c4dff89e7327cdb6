import type { Cursor, LoggedEvent, Store } from "@millrace/kernel";

/** What to stream, from where, and until when. */
export interface EventStreamOptions {
  readonly workspaceId: string;
  /** What was read last; `LOG_START` for everything. */
  readonly after: Cursor;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}

/** Rows of one read. */
const PAGE = 200;

/**
 * The events of a workspace in log order, those that are there and then those that come, until the signal aborts. A reader that
 * begins again with the last cursor it saw misses nothing and repeats nothing, whatever process wrote them.
 */
export async function* eventStream(
  events: Store["events"],
  changed: (workspaceId: string, signal: AbortSignal) => Promise<void>,
  { workspaceId, after, signal }: EventStreamOptions,
): AsyncGenerator<LoggedEvent, void, undefined> {
  let cursor = after;
  while (!signal.aborted) {
    const done = new AbortController();
    try {
      // Asked before the look: what is committed after it is not missed.
      const next = changed(workspaceId, AbortSignal.any([signal, done.signal]));
      const page = await events.read(workspaceId, cursor, PAGE);
      for (const event of page) {
        yield event;
        cursor = event.cursor;
      }
      if (page.length === 0) await next;
    } finally {
      done.abort();
    }
  }
}
