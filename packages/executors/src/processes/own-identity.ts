import { processRow } from "./process-table.js";

/** Names one process for the life of the machine's boot: a pid alone is used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque. */
  readonly startedAt: string;
}

/** The process this code runs in. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const row = await processRow(process.pid);
  return { pid: process.pid, startedAt: row?.startedAt ?? "unknown" };
}

/** Whether exactly that process still runs. */
export async function isProcessAlive(identity: ProcessIdentity): Promise<boolean> {
  const row = await processRow(identity.pid);
  return row !== null && (row.startedAt === identity.startedAt || identity.startedAt === "unknown");
}
