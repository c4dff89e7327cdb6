import type { MergeRecord, RepositoryRef } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import type { OrchestrationPorts } from "../../platform/ports.js";

/** A change by where it would be merged from and into, and the run that its merge is recorded for. */
export interface ChangeOfTask {
  readonly repository: RepositoryRef;
  readonly branch: string;
  readonly runId: string;
}

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
