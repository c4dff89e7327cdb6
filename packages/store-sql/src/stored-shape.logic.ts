import type { RunEvent, BoardEvent } from "@millrace/contracts";
import { EVENT_SHAPE_VERSION, boardEventRecordSchema, runEventRecordSchema } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";

/** Names what is being read, for the error. */
export interface Stored {
  readonly entity: string;
  readonly id: string;
}

/** A count, an amount or a time in ms. */
export const countSchema: z.ZodType<number> = z.number().int().nonnegative();

/** The value as its contract says, or `stored_shape_invalid` naming it. Issues carry paths, never values: a value may be a secret. */
export function parseStored<T>(schema: z.ZodType<T>, value: unknown, what: Stored): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.slice(0, 5).map((issue) => issue.path.join(".") || "(the whole of it)");
  throw invalid(what, `in ${where.join(", ")}`, { paths: where });
}

/** `parseStored` of JSON text. */
export function parseStoredJson<T>(schema: z.ZodType<T>, text: string, what: Stored): T {
  return parseStored(schema, parseJson(text, what), what);
}

const versionedSchema = z.looseObject({ version: z.number().int().positive() });

/**
 * An event's entry; `runId` null for one of the board.
 * @throws MillraceError `stored_shape_newer`, `stored_shape_invalid`.
 */
export function parseEntry(text: string, runId: string | null, cursor: string): RunEvent | BoardEvent {
  if (runId === null) return parseBoardEntry(text, cursor);
  return parseVersioned(runEventRecordSchema, text, { entity: "event", id: `${cursor}' of run '${runId}` });
}

/**
 * The entry of an event of the board.
 * @throws MillraceError `stored_shape_newer`, `stored_shape_invalid`.
 */
export function parseBoardEntry(text: string, cursor: string): BoardEvent {
  return parseVersioned(boardEventRecordSchema, text, { entity: "event", id: cursor });
}

/**
 * Versioned JSON text as its schema says.
 * @throws MillraceError `stored_shape_newer`, `stored_shape_invalid`.
 */
export function parseVersioned<T>(schema: z.ZodType<T>, text: string, what: Stored): T {
  const value = parseJson(text, what);
  refuseNewer(parseStored(versionedSchema, value, what).version, EVENT_SHAPE_VERSION, what);
  return parseStored(schema, value, what);
}

function refuseNewer(version: number, known: number, what: Stored): void {
  if (version <= known) return;
  throw new MillraceError(
    "stored_shape_newer",
    `${what.entity} '${what.id}' is stored in shape version ${version}; this build reads up to ${known}`,
    {
      fix: "Run the version of Millrace that wrote it, or a later one.",
      details: { ...what, version, known },
    },
  );
}

/** JSON text as a value, or `stored_shape_invalid` naming what it belongs to. */
export function parseJson(text: string, what: Stored): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(what, "it is not JSON", {}, cause);
  }
}

function invalid(what: Stored, why: string, details: { readonly paths?: string[] }, cause?: unknown): MillraceError {
  return new MillraceError("stored_shape_invalid", `${what.entity} '${what.id}' is stored in a shape this build cannot read: ${why}`, {
    fix: "Something else than Millrace wrote it, or the file is damaged: restore it from a backup, or export and remove the row.",
    details: { ...what, ...details },
    ...(cause === undefined ? {} : { cause }),
  });
}
