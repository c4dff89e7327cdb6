import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isThere } from "../files/is-there.js";
import { removeTree } from "../files/remove-tree.js";
import { jobFolder } from "./job-folder.js";

/** The folder of a job on this machine. */
export interface KeptJob {
  readonly key: string;
  readonly workspaceId: string;
  /** Id of the run it belongs to. */
  readonly runId: string;
}

/** Removes what jobs leave behind. Its caller says which jobs are over: the files of one do not tell whether its run is. */
export interface JobCleaner {
  /** Jobs whose folder is here; a folder without a readable job is left out. */
  list(): Promise<readonly KeptJob[]>;
  /** Removes the clone, the home and the temporary files of a job, and with `transcript` its whole folder. Returns whether there was anything. */
  clean(job: KeptJob, options: { readonly transcript: boolean }): Promise<boolean>;
}

/** Creates a cleaner of the folders that `createLocalExecutor` keeps in `jobsDir`. It follows no link and reads no file of an agent. */
export function createJobCleaner(jobsDir: string): JobCleaner {
  const folders = new Map<string, string>();
  return {
    async list() {
      const jobs: KeptJob[] = [];
      for (const name of await readdir(jobsDir).catch(() => [])) {
        const path = join(jobsDir, name);
        const job = await jobFolder(path)
          .job.read()
          .catch(() => null);
        if (job === null) continue;
        folders.set(job.key, path);
        jobs.push({ key: job.key, workspaceId: job.workspaceId, runId: job.key.split("/")[0] ?? "" });
      }
      return jobs;
    },
    async clean({ key }, { transcript }) {
      const path = folders.get(key);
      if (path === undefined) return false;
      const { work, quarantine, home, tmp } = jobFolder(path);
      const targets = transcript ? [path] : [work, quarantine, home, tmp];
      const there = await Promise.all(targets.map(isThere));
      for (const target of targets) await removeTree(target);
      return there.includes(true);
    },
  };
}
