import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { throwUnwritable } from "@millrace/kernel";
import { removeTree } from "../paths/remove-tree.js";
import { readBounded } from "../paths/read-bounded.js";
import type { ProcessIdentity } from "./process-identity.js";
import { isAlive, processIdentitySchema, thisProcess } from "./process-identity.js";

/** The exclusive right of this process to run a check. */
export interface CheckClaim {
  /** Empty folder for the check's files. */
  readonly workspace: string;
  /** Removes the folder, after which the check can be claimed again. */
  release(): Promise<void>;
}

/**
 * Claims a check for this process, among all processes of this machine that share `folder`; null if a living process
 * has it. A claim is a lock file with a generation number, and the highest generation is the owner. A takeover from a
 * dead owner creates the file of the next generation exclusively, so of several processes that try at the same moment
 * one succeeds.
 *
 * @throws MillraceError `folder_unwritable`.
 */
export async function claimCheck(folder: string): Promise<CheckClaim | null> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => throwUnwritable(folder, error));
  const newest = (await readdir(folder)).reduce((highest, name) => Math.max(highest, generationOf(name)), -1);
  const owner = newest < 0 ? null : await readOwner(join(folder, claimName(newest)));
  if (owner !== null && (await isAlive(owner))) return null;
  const generation = newest + 1;
  if (!(await createClaim(folder, generation))) return null;
  for (const name of await readdir(folder)) if (name.startsWith("work-")) await removeTree(join(folder, name));
  const workspace = join(folder, `work-${String(generation)}`);
  await mkdir(workspace);
  return { workspace, release: () => removeTree(folder) };
}

/** Largest claim, in bytes. */
const MAX_CLAIM_BYTES = 4096;

/** Writes a draft and links it to its final name, so that a visible claim is complete and each name is given once. */
async function createClaim(folder: string, generation: number): Promise<boolean> {
  const draft = join(folder, `draft-${randomUUID()}`);
  try {
    await writeFile(draft, JSON.stringify(await thisProcess()));
    await link(draft, join(folder, claimName(generation)));
    return true;
  } catch (error) {
    // Another process took this generation, or removed the folder because the check is finished.
    if (error instanceof Error && "code" in error && (error.code === "EEXIST" || error.code === "ENOENT")) return false;
    return throwUnwritable(folder, error);
  } finally {
    await rm(draft, { force: true });
  }
}

function claimName(generation: number): string {
  return `claim-${String(generation)}.json`;
}

/** Generation of a claim file; -1 for any other file. */
function generationOf(name: string): number {
  const match = /^claim-(\d+)\.json$/.exec(name);
  return match?.[1] === undefined ? -1 : Number(match[1]);
}

/** Null if the file is missing or not valid, in which case its claim counts as that of a dead process. */
async function readOwner(file: string): Promise<ProcessIdentity | null> {
  try {
    const parsed = processIdentitySchema.safeParse(JSON.parse((await readBounded(file, MAX_CLAIM_BYTES)) ?? "null"));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
