import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { commitShaSchema, repositoryRefSchema } from "@millrace/contracts";
import { z } from "zod";

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
 * What Millrace knew when the clone was made. It lies beside the folder, not in it: an agent may rewrite everything in its
 * clone, `.git` included, and the comparison must not be made with its own words.
 */
const recordSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("cloning"), key: z.string() }),
  z.strictObject({
    is: z.literal("ready"),
    key: z.string(),
    checkout: checkoutSchema,
    mergeBase: z.boolean(),
    /** Branches and tags the remote had, by their full name there. */
    remoteRefs: refsSchema,
    /** Text of `.git/config` as Millrace wrote it. */
    config: z.string(),
  }),
]);
export type CheckoutRecord = z.infer<typeof recordSchema>;
export type ReadyRecord = Extract<CheckoutRecord, { is: "ready" }>;

/** File of the record of a checkout in `folder`. */
export function recordPath(folder: string): string {
  return `${folder}.json`;
}

/** The record of a folder; null when there is none, or one that cannot be read (then the clone is made anew). */
export async function readRecord(folder: string): Promise<CheckoutRecord | null> {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(await readFile(recordPath(folder), "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Replaces the record in one step: after a crash there is the old one or the new one. */
export async function writeRecord(folder: string, record: CheckoutRecord): Promise<void> {
  const next = `${recordPath(folder)}.next`;
  await writeFile(next, JSON.stringify(record), { mode: 0o600 });
  await rename(next, recordPath(folder));
}

export async function removeRecord(folder: string): Promise<void> {
  await rm(recordPath(folder), { force: true });
  await rm(`${recordPath(folder)}.next`, { force: true });
}
