import { z } from "zod";
import { runEventRecordSchema } from "../run/events.schema.js";
import { outputRefSchema } from "../run/entity.schema.js";

/**
 * Tone of a timeline's line: `plain` (something happened), `good` (progress), `bad` (a failure), `ask` (the work is held up or
 * sent back), `dim` (a side note). Colours follow from it.
 */
export const toneSchema = z.enum(["plain", "good", "bad", "ask", "dim"]);
/** Tone of a timeline's line; colours follow from it. */
export type Tone = z.infer<typeof toneSchema>;

/**
 * Description of a fact for a reader. `text` continues a sentence whose subject is the step ("sends the ci-fixer for 33ee605b21"); `detail`
 * is what belongs behind a colon, in the words of an agent, a forge or a person. Both are unescaped and of any length.
 */
export const describedSchema = z.strictObject({ tone: toneSchema, text: z.string().min(1), detail: z.string().optional() });
/** Description of a fact for a reader: a tone, a text, and the detail behind it. */
export type EventDescription = z.infer<typeof describedSchema>;

/** Description of a run event for a reader. `step` counts from 1; null: the event is about the run as a whole. */
export const describedEventSchema = describedSchema.extend({ step: z.number().int().positive().nullable() });
/** Description of a run event for a reader, with the number of its step, from 1. */
export type DescribedEvent = z.infer<typeof describedEventSchema>;

/** An event of the log with its description in `line`; null: bookkeeping that a timeline leaves out. */
export const timelineEntrySchema = runEventRecordSchema.extend({ line: describedEventSchema.nullable() });
/** An event of the log with its description. */
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** A text that belongs to an event: kept in the outputs table (`output`), or short enough to be in the event itself (`text`). */
export const eventTextSchema = z.union([
  z.strictObject({ title: z.string().min(1), output: outputRefSchema }),
  z.strictObject({ title: z.string().min(1), text: z.string() }),
]);
/** A text that belongs to an event: a reference to an output, or the text itself. */
export type EventText = z.infer<typeof eventTextSchema>;
