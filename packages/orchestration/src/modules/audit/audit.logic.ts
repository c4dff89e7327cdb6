import type { eventsOfAudit } from "@millrace/contracts";
import { MillraceError, type AuditedEvent, type LoggedEvent } from "@millrace/kernel";
import { z } from "zod";

/** Events that a reader asks for; what is left out does not matter. */
export interface EventFilter {
  readonly types?: readonly string[] | undefined;
  readonly runId?: string | undefined;
  readonly blockId?: string | undefined;
  readonly kinds?: readonly ("run" | "board")[] | undefined;
}

/** True if a reader asks for the event. */
export function isWanted({ runId, entry: { event } }: LoggedEvent, { types, runId: of, blockId, kinds }: EventFilter): boolean {
  return (
    (types === undefined || types.includes(event.type)) &&
    (of === undefined || runId === of) &&
    (blockId === undefined || ("blockId" in event && event.blockId === blockId)) &&
    (kinds === undefined || kinds.includes(runId === null ? "board" : "run"))
  );
}

/** `cursor_expired`: events behind the position are gone. */
export function cursorExpired(after: string): MillraceError {
  return new MillraceError("cursor_expired", "events behind this position were removed: going on from it would miss some", {
    fix: "read the snapshot of the workspace again, and go on from its position",
    details: { after },
  });
}

/** The entry without its position in the store. */
export function auditItem({ position: _, ...entry }: AuditedEvent): Omit<AuditedEvent, "position"> {
  return entry;
}

const progressSchema = z.tuple([z.string(), z.number().int().nonnegative(), z.number().int().nonnegative(), z.string()]);

/** How far an export has come. */
export interface ExportProgress {
  readonly after: string | undefined;
  /** Before, in epoch ms: the same for all parts. */
  readonly to: number;
  readonly lines: number;
  readonly digest: string;
}

/** The progress as a cursor. */
export function exportCursor({ after = "", to, lines, digest }: ExportProgress): string {
  return JSON.stringify([after, to, lines, digest]);
}

/**
 * The progress that a cursor says.
 * @throws MillraceError `validation` for any other text.
 */
export function readExportCursor(cursor: string): ExportProgress {
  const parsed = progressSchema.safeParse(parsedJson(cursor));
  if (!parsed.success)
    throw new MillraceError("validation", "this is no position of an export", { fix: "pass nextAfter of the part before, or start again" });
  const [after, to, lines, digest] = parsed.data;
  return { after, to, lines, digest };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What happened to the audit, as one line. */
export function describeAuditEvent(_event: z.infer<(typeof eventsOfAudit)[number]>): string {
  return "the audit was exported";
}
