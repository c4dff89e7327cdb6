import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { MillraceError } from "@millrace/kernel";

const FILE = "machine.id";

/**
 * The id of the machine that a job folder belongs to, `<host name>/<random>`: of the folder and not of the computer, because what two
 * processes must share to know of each other's jobs is the folder. Made once, by the first process that asks.
 *
 * @throws MillraceError `folder_unwritable` when the folder cannot be used.
 */
export async function machineIdentity(jobsDir: string): Promise<string> {
  const path = join(jobsDir, FILE);
  try {
    await mkdir(jobsDir, { recursive: true });
    const staged = join(jobsDir, `.${FILE}.${randomUUID()}`);
    try {
      const known = await readFile(path, "utf8").catch(() => null);
      if (known !== null) return known.trim();
      await writeFile(staged, `${hostname()}/${randomUUID()}\n`);
      // The first of two processes makes it; the second reads it.
      await link(staged, path).catch(() => undefined);
      return (await readFile(path, "utf8")).trim();
    } finally {
      await rm(staged, { force: true });
    }
  } catch (cause) {
    throw new MillraceError("folder_unwritable", `the folder of the jobs '${jobsDir}' cannot be used`, {
      fix: "make it a folder that the user who runs Millrace may write to; look with: millrace doctor",
      cause,
    });
  }
}
