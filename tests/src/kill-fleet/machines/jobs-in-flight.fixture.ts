/** The jobs whose supervisor is at work, as the folders of a machine show them. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Machine } from "./machine.fixture.js";

export interface JobInFlight {
  readonly key: string;
  readonly folder: string;
  readonly supervisorPid: number;
}

const jobFile = z.object({ key: z.string() });
const supervisorFile = z.object({ pid: z.number() });

export async function jobsInFlight({ seenFolder }: Machine): Promise<readonly JobInFlight[]> {
  const jobs = join(seenFolder, "jobs");
  const names = await readdir(jobs).catch(() => []);
  const found = await Promise.all(names.map((name) => jobIn(join(jobs, name))));
  return found.filter((job) => job !== null);
}

async function jobIn(folder: string): Promise<JobInFlight | null> {
  try {
    if ((await stat(join(folder, "exit.json")).catch(() => null)) !== null) return null;
    const { key } = jobFile.parse(JSON.parse(await readFile(join(folder, "job.json"), "utf8")));
    const { pid } = supervisorFile.parse(JSON.parse(await readFile(join(folder, "supervisor.json"), "utf8")));
    return { key, folder, supervisorPid: pid };
  } catch {
    // No job yet, or not any more.
    return null;
  }
}
