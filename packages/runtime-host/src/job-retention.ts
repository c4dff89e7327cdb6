/** Folders of jobs go with the details of their run (`settings.retention.transcripts`), transcript and all. */
import type { JobCleaner, KeptJob } from "@millrace/executors";
import type { Store } from "@millrace/kernel";
import type { Sweep } from "@millrace/orchestration";

const SWEEP_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
const FINISHED: ReadonlySet<string> = new Set(["done", "failed", "cancelled"]);

/** A sweep over the job folders of this machine. */
export function jobRetention(store: Pick<Store, "workspaces" | "runs" | "retention">, cleaner: JobCleaner): Sweep {
  return {
    name: "machine.folders",
    everyMs: SWEEP_MS,
    async run(now, limit, signal) {
      let cleaned = 0;
      for (const job of await cleaner.list()) {
        if (signal.aborted || cleaned >= limit) break;
        if ((await isOver(store, job, now)) && (await cleaner.clean(job, { transcript: true }))) cleaned += 1;
      }
      return cleaned;
    },
  };
}

async function isOver(
  store: Pick<Store, "workspaces" | "runs" | "retention">,
  { workspaceId, runId }: KeptJob,
  now: number,
): Promise<boolean> {
  const [workspace, run] = await Promise.all([store.workspaces.get(workspaceId), store.runs.summary(workspaceId, runId)]);
  // Nothing is known of it here: the folder may be another database's.
  if (workspace === null || run === null) return false;
  const { transcripts } = workspace.settings.retention;
  if (transcripts === null || !FINISHED.has(run.status) || run.updatedAt >= now - transcripts * DAY_MS) return false;
  return !(await store.retention.isHeld(workspaceId, runId));
}
