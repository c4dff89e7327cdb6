import type { Store } from "@millrace/kernel";
import type { WebhookSubject } from "./subject.logic.js";

/** Options of `nudgeRuns`. */
export interface NudgeRunsOptions {
  readonly runs: Pick<Store["runs"], "liveOfBlock" | "list">;
  readonly blocks: Pick<Store["blocks"], "get">;
  /** `ExecutionService.nudge`. */
  readonly nudge: (address: { readonly workspaceId: string; readonly runId: string }) => Promise<unknown>;
  /** Ids of the workspaces that have a service in this repository (`owner/name`, in upper or lower case). */
  readonly workspacesOf: (repository: string) => Promise<readonly string[]>;
}

/** The branch of a task's work contains the id of its block. */
const BRANCH = /^millrace\/(.+)$/;
const PAGE = 200;
/** 2000 live runs of a workspace. Runs beyond that read GitHub at their next poll. */
const MAX_PAGES = 10;

/**
 * Creates a function that nudges the live runs on the branches of a webhook, at the cost of one point read per branch
 * and workspace. A push to a branch that is not Millrace's nudges the live runs whose pull request targets it; only
 * this lists the live runs.
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
