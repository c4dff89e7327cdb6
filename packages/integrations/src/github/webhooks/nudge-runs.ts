import type { Store } from "@millrace/kernel";
import type { WebhookSubject } from "./subject.logic.js";

export interface NudgeRunsOptions {
  readonly runs: Pick<Store["runs"], "liveOfBlock" | "list">;
  readonly blocks: Pick<Store["blocks"], "get">;
  /** `ExecutionService.nudge`. */
  readonly nudge: (address: { readonly workspaceId: string; readonly runId: string }) => Promise<unknown>;
  /** Workspaces with a service in that repository (`owner/name`, in any case of letters). */
  readonly workspacesOf: (repository: string) => Promise<readonly string[]>;
}

/** Work of a task is on this branch, so the branch names its block. */
const BRANCH = /^millrace\/(.+)$/;
const PAGE = 200;
/** 2,000 live runs of a workspace; those beyond look when their time comes. */
const MAX_PAGES = 10;

/**
 * Nudges the live runs whose branch a webhook speaks of: one point read per branch and workspace. A push to any other branch nudges
 * the live runs whose pull request targets it: only then are the live runs of the workspace gone through.
 */
export function nudgeRuns(options: NudgeRunsOptions): (subject: WebhookSubject) => Promise<void> {
  const { runs, nudge, workspacesOf } = options;
  return async ({ repository, branches, pushed }) => {
    const blocks = branches.flatMap((branch) => BRANCH.exec(branch)?.[1] ?? []);
    const base = pushed === null || BRANCH.test(pushed) ? null : pushed;
    if (blocks.length === 0 && base === null) return;
    for (const workspaceId of await workspacesOf(repository)) {
      for (const block of blocks) {
        const live = await runs.liveOfBlock(workspaceId, block);
        if (live !== null) await nudge({ workspaceId, runId: live.id });
      }
      if (base !== null) await nudgeTargeting(options, workspaceId, repository, base);
    }
  };
}

async function nudgeTargeting(
  { runs, blocks, nudge }: NudgeRunsOptions,
  workspaceId: string,
  repository: string,
  base: string,
): Promise<void> {
  const inRepository = `/${repository}/pull/`.toLowerCase();
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const live = await runs.list(workspaceId, { live: true }, { limit: PAGE, after });
    for (const { id: runId, blockId } of live) {
      const pull = (await blocks.get(workspaceId, blockId))?.pullRequest;
      if (pull?.base === base && pull.url.toLowerCase().includes(inRepository)) await nudge({ workspaceId, runId });
    }
    after = live.at(-1)?.id;
    if (live.length < PAGE) return;
  }
}
