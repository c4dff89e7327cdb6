/** Check runs and commit statuses. */
import type { Call, Reply, Route } from "../call.js";
import { no } from "../call.js";
import { isHidden } from "../records.js";
import * as shapes from "../shapes.js";

async function checkRuns({ to, record, path }: Call): Promise<Reply> {
  const head = await record.git.commitSha(path["ref"] ?? "");
  if (head === null || isHidden(record, "commit")) return no(422, "No commit found for SHA");
  const items = (record.checks.get(head) ?? []).map((check) => shapes.checkRun(to, record, head, check));
  return { status: 200, items, wrap: (page, total) => ({ total_count: total, check_runs: page }) };
}

async function combinedStatus({ to, record, path }: Call): Promise<Reply> {
  const head = await record.git.commitSha(path["ref"] ?? "");
  if (head === null || isHidden(record, "commit")) return no(422, "No commit found for SHA");
  const all = record.statuses.get(head) ?? [];
  const bad = all.some(({ state }) => state === "failure" || state === "error");
  const state = bad ? "failure" : all.length === 0 || all.some((one) => one.state === "pending") ? "pending" : "success";
  const at = `${to.api}/repos/${record.owner}/${record.name}/commits/${head}`;
  const envelope = { state, sha: head, repository: shapes.repository(to, record), commit_url: at, url: `${at}/status` };
  const items = all.map((one) => shapes.status(to, record, head, one));
  return { status: 200, items, wrap: (page, total) => ({ ...envelope, total_count: total, statuses: page }) };
}

/** Every status of a commit, the newest first, with who set it: the combined status does not say so. */
async function statuses({ to, record, path }: Call): Promise<Reply> {
  const head = await record.git.commitSha(path["ref"] ?? "");
  if (head === null) return no(422, "No commit found for SHA");
  return { status: 200, items: (record.statuses.get(head) ?? []).toReversed().map((one) => shapes.createdStatus(to, record, head, one)) };
}

export const checksRoutes: readonly Route[] = [
  { operation: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs", handle: checkRuns },
  { operation: "GET /repos/{owner}/{repo}/commits/{ref}/status", handle: combinedStatus },
  { operation: "GET /repos/{owner}/{repo}/commits/{ref}/statuses", handle: statuses },
];
