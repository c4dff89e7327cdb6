import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileUnusable, isMillraceError, MillraceError, throwUnwritable } from "@millrace/kernel";
import { z } from "zod";
import { readBounded } from "../files/regular-file.js";
import {
  checkoutFileSchema,
  exitFileSchema,
  jobFileSchema,
  outcomeFileSchema,
  processFileSchema,
  progressFileSchema,
  usageFileSchema,
} from "./job-files.schema.js";

/** Environment variable of every process of a job; its value is the `marker` in `job.json`. */
export const JOB_MARKER = "MILLRACE_JOB";
/** Environment variable of the supervisor of a job, with the same value. */
export const SUPERVISOR_MARKER = "MILLRACE_SUPERVISOR";

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

export type JobFolder = ReturnType<typeof jobFolder>;

/** First 32 hex digits of the SHA-256 of a key: safe in a path and in an environment. */
export function jobHash(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}

/**
 * The files of a job. They are its whole state: no process has to be queried. The agent works in `work`, `home` and `tmp`; all else is
 * the host's and the supervisor's.
 */
export function jobFolder(path: string) {
  const document = <T>(name: string, schema: z.ZodType<T>): JobDocument<T> => jsonDocument(path, name, schema);
  return {
    path,
    work: join(path, "work"),
    /** The host's own side of the work: its record, and the repository that it is received into. */
    quarantine: join(path, "quarantine"),
    home: join(path, "home"),
    tmp: join(path, "tmp"),
    transcript: join(path, "transcript.jsonl"),
    log: join(path, "supervisor.log"),
    job: document("job.json", jobFileSchema),
    checkout: document("checkout.json", checkoutFileSchema),
    supervisor: document("supervisor.json", processFileSchema),
    agent: document("agent.json", processFileSchema),
    progress: document("progress.json", progressFileSchema),
    usage: document("usage.json", usageFileSchema),
    exit: document("exit.json", exitFileSchema),
    outcome: document("outcome.json", outcomeFileSchema),
    create: () => makeJobFolder(path),
  };
}

/**
 * Makes a folder of a job, and those above it, for this user alone.
 *
 * @throws MillraceError `folder_unwritable`.
 */
export async function makeJobFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => throwUnwritable(path, error));
}

function jsonDocument<T>(folder: string, name: string, schema: z.ZodType<T>): JobDocument<T> {
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
