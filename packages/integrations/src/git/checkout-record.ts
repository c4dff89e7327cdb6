import { rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { commitShaSchema, repositoryRefSchema } from "@millrace/contracts";
import { throwUnwritable } from "@millrace/kernel";
import { z } from "zod";
import { readBounded } from "../paths/read-bounded.js";

const refsSchema = z.record(z.string(), commitShaSchema);

const checkoutSchema = z.strictObject({
  key: z.string(),
  repository: repositoryRefSchema,
  path: z.string(),
  branch: z.string(),
  head: commitShaSchema,
  baseHead: commitShaSchema,
  refs: refsSchema,
  pushed: commitShaSchema.nullable(),
  conflicts: z.array(z.string()),
});

/**
 * Schema of the record of a clone. Its file is beside the clone's folder, not in it: an agent can rewrite everything in
 * the clone, `.git` included, and a comparison must not use what the agent wrote.
 */
const recordSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("cloning"), key: z.string() }),
  z.strictObject({
    is: z.literal("ready"),
    key: z.string(),
    checkout: checkoutSchema,
    mergeBase: z.boolean(),
    /** Branches and tags of the remote when the clone was made, by their full name there. */
    remoteRefs: refsSchema,
    /** Content of `.git/config` when the clone was made. */
    config: z.string(),
  }),
]);

/** Record of a clone: `cloning` until the clone is complete, then `ready`. */
export type CheckoutRecord = z.infer<typeof recordSchema>;
export type ReadyRecord = Extract<CheckoutRecord, { is: "ready" }>;

/** Largest record, in bytes: a few hundred for each ref of the repository. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** Path of the record of the checkout in `folder`. */
export function recordPath(folder: string): string {
  return `${folder}.json`;
}

/** The record of a folder; null if it is missing or invalid, and then the clone is made again. */
export async function readRecord(folder: string): Promise<CheckoutRecord | null> {
  try {
    const parsed = recordSchema.safeParse(JSON.parse((await readBounded(recordPath(folder), MAX_RECORD_BYTES)) ?? "null"));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * Replaces the record atomically: after a crash the file is the old one or the new one.
 *
 * @throws MillraceError `folder_unwritable`.
 */
export async function writeRecord(folder: string, record: CheckoutRecord): Promise<void> {
  const next = `${recordPath(folder)}.next`;
  try {
    // Made anew: what is left in its place is not written through.
    await rm(next, { force: true, recursive: true });
    await writeFile(next, JSON.stringify(record), { mode: 0o600, flag: "wx" });
    await rename(next, recordPath(folder));
  } catch (error) {
    await rm(next, { force: true });
    throwUnwritable(dirname(folder), error);
  }
}

/** Removes the record. One that does not exist is a success. */
export async function removeRecord(folder: string): Promise<void> {
  await rm(recordPath(folder), { force: true });
  await rm(`${recordPath(folder)}.next`, { force: true });
}
