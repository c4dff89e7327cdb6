import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessIdentity } from "./process-identity.js";
import { isAlive, processIdentitySchema, thisProcess } from "./process-identity.js";

/** A check that this process alone may run now. */
export interface CheckClaim {
  /** Empty folder for the check's files. */
  readonly workspace: string;
  /** Removes the folder and lets others look at the check again. */
  release(): Promise<void>;
}

/**
 * Lets one process run a check, among all that share `folder` (one machine). Each takeover has the next number and its file is
 * created exclusively, so of two that find a dead owner at the same moment one wins. The newest number owns; null when its
 * process lives.
 */
export async function claimCheck(folder: string): Promise<CheckClaim | null> {
  await mkdir(folder, { recursive: true });
  const newest = (await readdir(folder)).reduce((most, name) => Math.max(most, generationOf(name)), -1);
  const owner = newest < 0 ? null : await readOwner(join(folder, claimName(newest)));
  if (owner !== null && (await isAlive(owner))) return null;
  const mine = newest + 1;
  if (!(await createClaim(folder, mine))) return null;
  for (const name of await readdir(folder)) if (name.startsWith("work-")) await rm(join(folder, name), { recursive: true, force: true });
  const workspace = join(folder, `work-${String(mine)}`);
  await mkdir(workspace);
  return { workspace, release: () => rm(folder, { recursive: true, force: true }) };
}

/** Written aside and linked into place: a claim that can be seen is complete, and only one can have the name. */
async function createClaim(folder: string, generation: number): Promise<boolean> {
  const draft = join(folder, `draft-${randomUUID()}`);
  try {
    await writeFile(draft, JSON.stringify(await thisProcess()));
    await link(draft, join(folder, claimName(generation)));
    return true;
  } catch (error) {
    // Taken by somebody else, or the folder went because the check was finished meanwhile.
    if (error instanceof Error && "code" in error && (error.code === "EEXIST" || error.code === "ENOENT")) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function claimName(generation: number): string {
  return `claim-${String(generation)}.json`;
}

function generationOf(name: string): number {
  const match = /^claim-(\d+)\.json$/.exec(name);
  return match?.[1] === undefined ? -1 : Number(match[1]);
}

async function readOwner(file: string): Promise<ProcessIdentity | null> {
  try {
    const parsed = processIdentitySchema.safeParse(JSON.parse(await readFile(file, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
