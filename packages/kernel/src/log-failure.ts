import type { Log } from "./ports/log.port.js";

/** Logs the failure of background work: the message only, because the other fields of an error may hold secrets. */
export function logFailure(log: Log, event: string, error: unknown, fields: Parameters<Log["warn"]>[1] = {}): void {
  log.warn(event, { ...fields, error: error instanceof Error ? error.message : "unknown" });
}
