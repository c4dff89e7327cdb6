import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
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

/** A JSON file of a job: parsed with its schema, written atomically. */
export interface JobDocument<T> {
  /** Null when there is no file. */
  read(): Promise<T | null>;
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

/** The files of a job. They are its whole state: no process has to be queried. */
export function jobFolder(path: string) {
  const document = <T>(name: string, schema: z.ZodType<T>): JobDocument<T> => jsonDocument(path, name, schema);
  return {
    path,
    work: join(path, "work"),
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
    create: () => mkdir(path, { recursive: true, mode: 0o700 }),
  };
}

function jsonDocument<T>(folder: string, name: string, schema: z.ZodType<T>): JobDocument<T> {
  const target = join(folder, name);
  const stage = async (value: T): Promise<string> => {
    const staged = join(folder, `.${name}.${randomUUID()}`);
    const file = await open(staged, "wx", 0o600);
    try {
      await file.writeFile(JSON.stringify(value));
      // Without fsync a power cut may leave a renamed but empty file.
      await file.sync();
    } finally {
      await file.close();
    }
    return staged;
  };
  return {
    async read() {
      const text = await readFile(target, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
        throw error;
      });
      return text === null ? null : schema.parse(JSON.parse(text));
    },
    remove: () => rm(target, { force: true }),
    write: async (value) => rename(await stage(value), target),
    async create(value) {
      const staged = await stage(value);
      try {
        await link(staged, target);
        return true;
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
        throw error;
      } finally {
        await rm(staged, { force: true });
      }
    },
  };
}
