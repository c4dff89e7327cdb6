import type { MergeRecord } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import type { ChangeOfTask } from "../model/due.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";

/**
 * Record of the merge of a change into its base; null when it has not landed. Asked by branch: a person may have closed the pull request
 * of the run and merged another, or have merged one that a stopped job opened.
 */
export async function readLanding(
  { forges, clock }: Pick<OrchestrationPorts, "forges" | "clock">,
  { repository, branch, runId }: ChangeOfTask,
): Promise<MergeRecord | null> {
  try {
    const found = await forges.get(repository.forge).findMerged(repository, branch);
    return found === null ? null : { ...found, at: clock.now(), runId };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** True if the forge says that the pull request, or its repository, is not there: nothing of it lands. */
export function isMissing(error: unknown): boolean {
  return isMillraceError(error, "not_found") || isMillraceError(error, "repository_missing");
}
