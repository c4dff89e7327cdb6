import type { Log } from "./ports/log.port.js";

/** Warns of work that failed and that nobody waits for: its message, and none of what the error holds beside it (it may hold secrets). */
export function logFailure(log: Log, event: string, error: unknown, fields: Parameters<Log["warn"]>[1] = {}): void {
  log.warn(event, { ...fields, error: error instanceof Error ? error.message : "unknown" });
}
