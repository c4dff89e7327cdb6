import type { FailureKind, Run } from "@millrace/contracts";

/** The failure a hint is for, and the run it ended. */
export interface FailedRun extends Pick<Run, "id" | "blockId"> {
  readonly kind: FailureKind;
  readonly code: string;
  /** Index of the step, from 0. */
  readonly step: number;
  /** Branch of the run's change; null before there is one. */
  readonly branch: string | null;
}

type Hint = (failed: FailedRun) => string;

const retry = ({ id }: Pick<FailedRun, "id">): string => `take it up at this step again with: millrace retry ${id}`;
const anew = ({ blockId }: Pick<FailedRun, "blockId">): string => `start the task anew with: millrace run ${blockId}`;
const edit = ({ blockId }: Pick<FailedRun, "blockId">): string => `millrace task edit ${blockId}`;
const logs = ({ id, step }: Pick<FailedRun, "id" | "step">): string => `millrace logs ${id} --step ${step + 1}`;
const show = ({ id }: Pick<FailedRun, "id">): string => `millrace show ${id}`;

/** Hints of the families. Each names commands that exist, with the ids they take. */
const BY_KIND: Readonly<Record<FailureKind, Hint>> = {
  agent: (run) => `read what its agent answered (${logs(run)}), then ${retry(run)}`,
  job_failed: (run) => `read what its agent did (${logs(run)}); when what stopped it is out of the way, ${retry(run)}`,
  completion: (run) =>
    `the agent did not deliver what its step requires: say more exactly what is wanted (${edit(run)}) or take another agent (--agent), then ${retry(run)}`,
  evicted: (run) => `the process of its agent was lost again and again: look at memory and disk (millrace doctor), then ${retry(run)}`,
  timeout: (run) => `see what it waited for (${show(run)}), then ${retry(run)}`,
  rejected: (run) => `a person rejected it: change what the task asks for (${edit(run)}), then ${retry(run)}`,
  companion_rejected: (run) => `the companion's answer could not be read, even after a repair: read it (${logs(run)}), then ${retry(run)}`,
  gate_exhausted: onBranch,
  dispatch: (run) => `its agent could not be started: do what the message says (millrace doctor looks at the agent), then ${retry(run)}`,
  processing: (run) => `do what the message says, then ${retry(run)}`,
  cancelled: (run) => `a person stopped it; ${retry(run)}`,
};

/** What a failure leaves to do when the change has landed and no step behind its merge is open. */
export const LANDED_HINT = "the change is merged all the same: nothing is left to do";

/** Hints of codes that ask for something else than their family does. */
const BY_CODE: Readonly<Record<string, Hint>> = {
  timed_out: (run) => `the time of this step is used up: make the task smaller (${edit(run)}), then ${retry(run)}`,
  gate_timeout: (run) => `the gate came to no conclusion in its time: see what it waited for (${show(run)}), then ${retry(run)}`,
  merge_timeout: (run) =>
    `the forge did not land the merge in its time: look at the pull request (millrace pr ${run.blockId}), then ${retry(run)}`,
  undeliverable_path: (run) =>
    `let the task leave these files alone (${edit(run)}), then ${retry(run)}; change them by hand, in a working copy with the filter or the submodule`,
  nothing_committed: (run) =>
    `the agent changed no file that git tracks (files that .gitignore covers are not delivered): read what it did (${logs(run)}), say more exactly what is wanted (${edit(run)}), then ${retry(run)}`,
  job_unseen: (run) => `see that nothing of its job runs any more (millrace doctor), then ${retry(run)}`,
  breaker_open: (run) => `its helper failed twice for a reason outside of the change: read it (${logs(run)}), then ${retry(run)}`,
  base_keeps_moving: (run) => `other changes kept landing first; when there are fewer of them, ${retry(run)}`,
  pull_request_closed: (run) => `the pull request cannot be merged any more: ${anew(run)}`,
  pull_request_retargeted: (run) => `point the pull request at the base of the run again, or close it; then ${retry(run)}`,
  no_pull_request: (run) =>
    `the pipeline has no step that delivers a change: take another one, millrace run ${run.blockId} --pipeline <id> (list: millrace pipelines)`,
  no_evidence: (run) =>
    `the pipeline needs a ci step before its merger: take another one, millrace run ${run.blockId} --pipeline <id> (list: millrace pipelines)`,
  already_merged: ({ blockId }) =>
    `nothing is left to do; for further work add a task (millrace task add). This one: millrace task show ${blockId}`,
  forge_refused: (run) => `do what the forge asks for in the message, then ${retry(run)}`,
  "post-release-health_exhausted": (run) =>
    `the change is merged: read the evidence (${show(run)}) and repair or revert it in a task of its own (millrace task add)`,
  stored_row_unreadable: (run) => `restore the row that the message names from a backup, then ${retry(run)}`,
  stored_run_unreadable: (run) => `this run cannot be read any more: ${anew(run)}`,
};

/** The cause is in the change: a person repairs it on its branch. */
function onBranch(run: FailedRun): string {
  if (run.branch === null) return `see the evidence (${show(run)}), then ${retry(run)}`;
  return `fix the cause on the branch '${run.branch}' (see it: millrace diff ${run.blockId}; get it: millrace branch ${run.blockId}), push it, then ${retry(run)}`;
}

/** The next thing to do after a failure, with the commands for it; at most 1,000 characters. */
export function failureHint(failed: FailedRun): string {
  return (Object.hasOwn(BY_CODE, failed.code) ? BY_CODE[failed.code] : undefined)?.(failed) ?? BY_KIND[failed.kind](failed);
}
