import { randomUUID } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileUnusable, isMillraceError, MillraceError, throwUnwritable } from "@millrace/kernel";
import { z } from "zod";
import { readBounded } from "../files/regular-file.js";

/** Largest JSON file of a job, in bytes. */
const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;

/**
 * A JSON file of a job: parsed with its schema before it is written and after it is read, written atomically.
 *
 * @throws MillraceError (from its methods) `file_unusable`, `folder_unwritable`; `internal` for a value that could not be read back.
 */
export interface JobDocument<T> {
  /** Null when there is no file. */
  read(): Promise<T | null>;
  /** Null also when the file cannot be used or opened: what a stop needs must not be in the hands of an agent. */
  readIfUsable(): Promise<T | null>;
  /** Replaces the file. */
  write(value: T): Promise<void>;
  /** Writes the file unless there is one; false when there is. The file is complete from the moment it exists. */
  create(value: T): Promise<boolean>;
  remove(): Promise<void>;
}

/** The document `name` of a folder. */
export function jsonDocument<T>(folder: string, name: string, schema: z.ZodType<T>): JobDocument<T> {
  const target = join(folder, name);
  const stage = async (value: T): Promise<string> => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new MillraceError("internal", `'${target}' could not be read back: ${z.prettifyError(parsed.error)}`);
    const staged = join(folder, `.${name}.${randomUUID()}`);
    try {
      await writeNew(staged, JSON.stringify(parsed.data));
      return staged;
    } catch (error) {
      await rm(staged, { force: true });
      return throwUnwritable(folder, error);
    }
  };
  const read = async (): Promise<T | null> => {
    const text = await readBounded(target, { maxBytes: MAX_DOCUMENT_BYTES });
    return text === null ? null : parseDocument(target, schema, text);
  };
  return {
    read,
    readIfUsable: () =>
      read().catch((error: unknown) => {
        if (isMillraceError(error)) return null;
        throw error;
      }),
    remove: () => rm(target, { force: true, recursive: true }),
    async write(value) {
      const staged = await stage(value);
      await rename(staged, target).catch(async (error: unknown) => {
        await rm(staged, { force: true });
        throwUnwritable(folder, error);
      });
    },
    async create(value) {
      const staged = await stage(value);
      try {
        await link(staged, target);
        return true;
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
        return throwUnwritable(folder, error);
      } finally {
        await rm(staged, { force: true });
      }
    },
  };
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    // Without fsync a power cut may leave a renamed but empty file.
    await file.sync();
  } finally {
    await file.close();
  }
}

function parseDocument<T>(path: string, schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw fileUnusable(path, "is not what Millrace wrote there", error);
  }
}
