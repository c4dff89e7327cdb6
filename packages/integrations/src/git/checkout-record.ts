import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commitShaSchema, repositoryRefSchema } from "@millrace/contracts";
import { throwUnwritable } from "@millrace/kernel";
import { z } from "zod";
import { readBounded } from "../paths/read-bounded.js";

const refsSchema = z.record(z.string(), commitShaSchema);

const checkoutSchema = z.strictObject({
  key: z.string(),
  repository: repositoryRefSchema,
  path: z.string(),
  control: z.string(),
  branch: z.string(),
  head: commitShaSchema,
  baseHead: commitShaSchema,
  refs: refsSchema,
  pushed: commitShaSchema.nullable(),
  conflicts: z.array(z.string()),
});

/** Schema of the record of a clone. Its file is in the control folder: a comparison must not use what an agent can write. */
const recordSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("cloning"), key: z.string() }),
  z.strictObject({
    is: z.literal("ready"),
    key: z.string(),
    checkout: checkoutSchema,
    mergeBase: z.boolean(),
    /** Branches and tags of the remote when the clone was made, by their full name there. */
    remoteRefs: refsSchema,
  }),
]);

/** Record of a clone: `cloning` until the clone is complete, then `ready`. */
export type CheckoutRecord = z.infer<typeof recordSchema>;
export type ReadyRecord = Extract<CheckoutRecord, { is: "ready" }>;

/** Largest record, in bytes: a few hundred for each ref of the repository. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** Path of the record in a control folder. */
export function recordPath(control: string): string {
  return join(control, "record.json");
}

/** The record in a control folder; null if it is missing or invalid, and then the clone is made again. */
export async function readRecord(control: string): Promise<CheckoutRecord | null> {
  try {
    const parsed = recordSchema.safeParse(JSON.parse((await readBounded(recordPath(control), MAX_RECORD_BYTES)) ?? "null"));
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
export async function writeRecord(control: string, record: CheckoutRecord): Promise<void> {
  const next = `${recordPath(control)}.next`;
  try {
    await writeFile(next, JSON.stringify(record), { mode: 0o600 });
    await rename(next, recordPath(control));
  } catch (error) {
    await rm(next, { force: true });
    throwUnwritable(control, error);
  }
}
