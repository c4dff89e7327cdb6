import type { AccountEvent, BoardEvent, RunEvent } from "@millrace/contracts";
import type { AuditEntry } from "./audit.port.js";

/** Events of runs that say who decided what, or on which evidence; the others say how the work went. */
const OF_RUNS: ReadonlySet<RunEvent["event"]["type"]> = new Set([
  "run-started",
  "effect-held",
  "effect-released",
  "fact-recorded",
  "human-asked",
  "human-agreed",
  "human-answered",
  "step-approved",
  "rework-requested",
  "merged",
  "stop-requested",
  "run-finished",
  "run-failed",
  "run-cancelled",
]);

/** The entry of the audit that repeats an event of a run; null for one that is not in the audit. */
export function auditOfRun({ event, ...record }: RunEvent, runId: string, blockId: string | null): AuditEntry | null {
  if (!OF_RUNS.has(event.type)) return null;
  if (event.type !== "run-started") return entryOf(record, event, { runId, blockId });
  // Not the whole run: its steps are definitions, which the digest names.
  const { pipeline, blockId: of, supersedes } = event.run;
  return entryOf(record, { type: event.type, blockId: of, pipeline, supersedes }, { runId, blockId: of });
}

/** The same for an event of a board: a moved card is nobody's decision. */
export function auditOfBoard({ event, ...record }: BoardEvent): AuditEntry | null {
  if (event.type === "block-moved") return null;
  return entryOf(record, event, { runId: null, blockId: "blockId" in event ? (event.blockId ?? null) : null });
}

/** The same for an event of an account: every one is in the audit. */
export function auditOfAccount({ event, ...record }: AccountEvent): AuditEntry {
  return entryOf(record, event, { runId: null, blockId: null });
}

function entryOf(
  { at, actor, onBehalfOf }: Pick<BoardEvent, "at" | "actor" | "onBehalfOf">,
  event: { readonly type: string; readonly [member: string]: unknown },
  of: Pick<AuditEntry, "runId" | "blockId">,
): AuditEntry {
  return { at, actor, onBehalfOf: onBehalfOf ?? null, type: event.type, ...of, event: toJson(event) };
}

/** The event as the log's JSON has it. */
function toJson(event: object): AuditEntry["event"] {
  return JSON.parse(JSON.stringify(event)) as AuditEntry["event"];
}
