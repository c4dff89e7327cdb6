import { processRow } from "./process-table.js";

/** Names one process until the machine is restarted; a pid alone may be reused. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque text; differs between two processes of the same pid. */
  readonly startedAt: string;
}

/** The identity of the process this code runs in. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const row = await processRow(process.pid);
  return { pid: process.pid, startedAt: row?.startedAt ?? "unknown" };
}

/** True while that very process is running. */
export async function isProcessAlive(identity: ProcessIdentity): Promise<boolean> {
  const row = await processRow(identity.pid);
  return row !== null && (row.startedAt === identity.startedAt || identity.startedAt === "unknown");
}
