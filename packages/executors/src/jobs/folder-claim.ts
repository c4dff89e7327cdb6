import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError } from "@millrace/kernel";
import { setTimeout as delay } from "node:timers/promises";
import { isProcessAlive, ownIdentity } from "../processes/own-identity.js";
import { jsonDocument } from "./json-document.js";
import { processFileSchema } from "./job-files.schema.js";
import { bootId } from "../processes/process-table.js";

const PREFIX = "claim-";
const POLL_MS = 50;
/** Time that a start or a stop waits for another process, in ms. */
const WAIT_MS = 10_000;

/**
 * Claims the folder of a job for this process, among all processes of this machine: to start the job, or to record its end. Null while
 * another living process has it. A claim is a file with a generation, and the highest generation is the owner; of several processes that
 * follow a dead owner one creates the next file.
 *
 * @throws MillraceError `folder_unwritable`.
 */
export async function claimFolder(folder: string): Promise<AsyncDisposable | null> {
  const { names, newest } = await claimsIn(folder);
  if (await hasOwner(folder, newest)) return null;
  const { pid, startedAt } = await ownIdentity();
  const own = jsonDocument(folder, nameOf(newest + 1), processFileSchema);
  if (!(await own.create({ pid, startedAt, bootId: await bootId() }))) return null;
  for (const name of names) await rm(join(folder, name), { force: true });
  return { [Symbol.asyncDispose]: () => own.remove() };
}

/**
 * Claims the folder of a job, and waits a moment for another process that has it.
 *
 * @throws MillraceError `folder_unwritable`; `unavailable` when that process keeps it.
 */
export function awaitFolder(folder: string): Promise<AsyncDisposable> {
  return untilGiven(folder, () => claimFolder(folder));
}

/**
 * Resolves when no process has the folder of a job. Writes nothing there.
 *
 * @throws MillraceError `unavailable` when a process keeps it.
 */
export async function untilUnclaimed(folder: string): Promise<void> {
  await untilGiven(folder, async () => ((await isClaimed(folder)) ? null : true));
}

async function untilGiven<T>(folder: string, ask: () => Promise<T | null>): Promise<T> {
  for (let waited = 0; waited <= WAIT_MS; waited += POLL_MS) {
    const given = await ask();
    if (given !== null) return given;
    await delay(POLL_MS);
  }
  throw new MillraceError("unavailable", `another process works in the folder of the job '${folder}'`, {
    fix: "nothing to do: it is asked for again, and the folder is free when that process has ended",
  });
}

/** Whether a living process has the folder; false where there is none. */
export async function isClaimed(folder: string): Promise<boolean> {
  return hasOwner(folder, (await claimsIn(folder)).newest);
}

/** The claims of a folder, and the generation of the newest; -1 for none. */
async function claimsIn(folder: string): Promise<{ readonly names: readonly string[]; readonly newest: number }> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(PREFIX));
  return { names, newest: names.reduce((highest, name) => Math.max(highest, generationOf(name)), -1) };
}

/** An owner that cannot be read has ended, or never was: a claim is complete from the moment it exists. */
async function hasOwner(folder: string, generation: number): Promise<boolean> {
  const owner = generation < 0 ? null : await jsonDocument(folder, nameOf(generation), processFileSchema).readIfUsable();
  if (owner === null) return false;
  const boot = await bootId();
  return (owner.bootId === null || boot === null || owner.bootId === boot) && (await isProcessAlive(owner));
}

function nameOf(generation: number): string {
  return `${PREFIX}${generation}.json`;
}

/** Generation of a claim; -1 for a file that is none. */
function generationOf(name: string): number {
  const match = /^claim-(\d+)\.json$/.exec(name);
  return match?.[1] === undefined ? -1 : Number(match[1]);
}
