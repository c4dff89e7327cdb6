import type { CheckRecord, PullRecord, RepositoryRecord } from "./records.js";

/** Required checks of the base branch that did not succeed on the head, from the required App where one is named. */
export function missingChecks(record: RepositoryRecord, pull: PullRecord): readonly string[] {
  const required = record.protections.get(pull.base)?.required ?? [];
  const fine = new Set(["success", "neutral", "skipped"]);
  const runs = newestRuns(record.checks.get(pull.head) ?? []).filter((one) => fine.has(one.conclusion ?? ""));
  const statuses = (record.statuses.get(pull.head) ?? []).filter((one) => one.state === "success");
  return required.flatMap(({ name, app }) => {
    const byRun = runs.some((run) => run.name === name && (app === undefined || run.app === app));
    return byRun || statuses.some((one) => one.context === name && (app === undefined || one.app === app)) ? [] : [name];
  });
}

/** The newest run of each App and name. */
function newestRuns(runs: readonly CheckRecord[]): readonly CheckRecord[] {
  return [...new Map(runs.map((run) => [`${String(run.app)} ${run.name}`, run])).values()];
}

/** Whether the pull request merges cleanly; null until it was computed, which reading it triggers. */
export async function mergeableOf(record: RepositoryRecord, pull: PullRecord): Promise<boolean | null> {
  const base = await record.git.tip(pull.base);
  if (pull.state !== "open" || base === null) return null;
  const of = `${pull.head}+${base}`;
  if (pull.tried?.of !== of) pull.tried = { of, readsLeft: record.mergeableAfter };
  if (pull.tried.readsLeft > 0) {
    pull.tried.readsLeft -= 1;
    return null;
  }
  return (await record.git.trialMerge(base, pull.head)).clean;
}
