import { z } from "zod";
import { boardEventRecordSchema } from "../events.schema.js";
import { runEventRecordSchema } from "../run/events.schema.js";
import { actorSchema, idSchema, jsonSchema, timestampSchema } from "../shared/scalars.schema.js";

/** An event of the log of a workspace, at its position. */
const loggedEventSchema = z.strictObject({
  cursor: z.string().min(1).max(500),
  /** Null: an event of the board. */
  runId: idSchema.nullable(),
  /** Position within the run, from 1; null: an event of the board. */
  sequence: z.number().int().positive().nullable(),
  /** Null where the request asked for other events: the position counts all the same. */
  entry: z.union([runEventRecordSchema, boardEventRecordSchema]).nullable(),
});

/** Events in the order of the log. */
export const eventPageSchema = z.strictObject({
  items: z.array(loggedEventSchema),
  /** Position to go on from; that of the request while there is nothing behind it. */
  nextAfter: z.string().min(1).max(500),
  /** True if there is more behind it already. */
  hasMore: z.boolean(),
});
/** One page of the log of a workspace. */
export type EventPage = z.infer<typeof eventPageSchema>;

/** Who did what, when, for whom, and on which evidence. */
export const auditItemSchema = z.strictObject({
  at: timestampSchema,
  actor: actorSchema,
  /** Id of the person that the actor acted for; null: for itself. */
  onBehalfOf: z.string().nullable(),
  type: z.string(),
  blockId: idSchema.nullable(),
  runId: idSchema.nullable(),
  event: jsonSchema,
});
/** An entry of the audit. */
export type AuditItem = z.infer<typeof auditItemSchema>;

/**
 * Lines of an export of the audit, each a JSON text without a line break. The last line of the last part is
 * `{"lines":n,"digest":"…"}`: the digest begins as SHA-256 of the empty text, and each line makes it that of itself and the line.
 */
export const auditExportSchema = z.strictObject({
  lines: z.array(z.string()),
  /** What the next part is asked for with; null: this is the last one. */
  nextAfter: z.string().max(500).nullable(),
});
/** One part of an export of the audit. */
export type AuditExport = z.infer<typeof auditExportSchema>;
