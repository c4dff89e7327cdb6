import { setTimeout as delay } from "node:timers/promises";

/** How soon a write of another process is read, in ms. */
const POLL_MS = 100;

/** SQLite notifies no process of another one's commits: resolves after 100 ms, or when the signal aborts. Never rejects. */
export async function changed(_workspaceId: string, signal: AbortSignal): Promise<void> {
  await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
}
