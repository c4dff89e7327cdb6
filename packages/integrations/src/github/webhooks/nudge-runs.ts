import type { Store } from "@millrace/kernel";
import type { WebhookSubject } from "./subject.logic.js";

export interface NudgeRunsOptions {
  readonly runs: Pick<Store["runs"], "liveOfBlock">;
  /** `ExecutionService.nudge`. */
  readonly nudge: (address: { readonly workspaceId: string; readonly runId: string }) => Promise<unknown>;
  /** Workspaces with a service in that repository (`owner/name`, in any case of letters). */
  readonly workspacesOf: (repository: string) => Promise<readonly string[]>;
}

/** Work of a task is on this branch, so the branch names its block. */
const BRANCH = /^millrace\/(.+)$/;

/** Nudges the live runs whose branch a webhook speaks of: one point read per branch and workspace, nothing is scanned. */
export function nudgeRuns({ runs, nudge, workspacesOf }: NudgeRunsOptions): (subject: WebhookSubject) => Promise<void> {
  return async ({ repository, branches }) => {
    const blocks = branches.flatMap((branch) => BRANCH.exec(branch)?.[1] ?? []);
    if (blocks.length === 0) return;
    for (const workspaceId of await workspacesOf(repository)) {
      for (const block of blocks) {
        const live = await runs.liveOfBlock(workspaceId, block);
        if (live !== null) await nudge({ workspaceId, runId: live.id });
      }
    }
  };
}
