import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { throwUnwritable } from "@millrace/kernel";
import type { z } from "zod";
import { jsonDocument, type JobDocument } from "./json-document.js";
import {
  agentFileSchema,
  checkoutFileSchema,
  doorFileSchema,
  exitFileSchema,
  jobFileSchema,
  outcomeFileSchema,
  processFileSchema,
  progressFileSchema,
  usageFileSchema,
} from "./job-files.schema.js";

/** Environment variable of the supervisor of a job; its value is the `marker` in `job.json`. */
export const SUPERVISOR_MARKER = "MILLRACE_SUPERVISOR";

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
    agent: document("agent.json", agentFileSchema),
    door: document("door.json", doorFileSchema),
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
