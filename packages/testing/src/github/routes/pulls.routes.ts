/** Pull requests and their comments. */
import type { Call, Reply, Route } from "../call.js";
import { invalid, no, NOT_FOUND, textOf } from "../call.js";
import { mergeableOf, missingChecks } from "../mergeable.js";
import { land, noticeMoves } from "../moves.js";
import * as shapes from "../shapes.js";
import { fullName, isHidden, newPull, type PullRecord } from "../records.js";

function pullOf({ record, path }: Call): PullRecord | null {
  return record.pulls.find(({ number }) => String(number) === path["pull_number"]) ?? null;
}

function list({ to, record, query }: Call): Reply {
  const [state, head, base] = [query.get("state") ?? "open", query.get("head"), query.get("base")];
  const items = record.pulls
    .filter((pull) => state === "all" || pull.state === state)
    // A fork of the same owner has the same label.
    .filter((pull) => head === null || head === `${record.owner}:${pull.branch}`)
    .filter((pull) => base === null || base === pull.base)
    .toReversed()
    .map((pull) => shapes.listedPull(to, record, pull));
  return { status: 200, items };
}

async function open(call: Call): Promise<Reply> {
  const { to, record, outcome } = call;
  const [branch, base] = [textOf(call, "head").replace(`${record.owner}:`, ""), textOf(call, "base")];
  const [head, baseTip] = [await record.git.tip(branch), await record.git.tip(base)];
  if (head === null || isHidden(record, "branch")) return invalid("head is invalid", "PullRequest", "head");
  if (baseTip === null) return invalid("base is invalid", "PullRequest", "base");
  if (await record.git.contains(baseTip, head)) return invalid(`No commits between ${base} and ${branch}`, "PullRequest", "head");
  // No await between this check and the insertion, so that one of two concurrent requests is refused.
  if (
    record.pulls.some(
      (pull) => pull.state === "open" && pull.branch === branch && pull.base === base && pull.headRepository === fullName(record),
    )
  )
    return invalid(`A pull request already exists for ${record.owner}:${branch}.`, "PullRequest", "head");
  const pull = newPull(
    record,
    { branch, base, head, baseAtPush: baseTip, at: outcome.now() },
    { title: textOf(call, "title"), body: textOf(call, "body") },
  );
  record.pulls.push(pull);
  outcome.emit("pull_request", "opened", record, pull, {});
  return { status: 201, body: shapes.pull(to, record, pull, null) };
}

async function read(call: Call): Promise<Reply> {
  const pull = pullOf(call);
  if (pull === null || isHidden(call.record, "pull-request")) return NOT_FOUND;
  return { status: 200, body: shapes.pull(call.to, call.record, pull, await mergeableOf(call.record, pull)) };
}

/** Checks the expected head but never the base, which may have moved since it was read. */
async function merge(call: Call): Promise<Reply> {
  const { record, body, outcome } = call;
  const pull = pullOf(call);
  if (pull === null) return NOT_FOUND;
  const base = await record.git.tip(pull.base);
  const guard = record.protections.get(pull.base);
  if (pull.state !== "open" || base === null || guard?.mergeQueue === true) return no(405, "Pull Request is not mergeable");
  if (body["sha"] !== undefined && body["sha"] !== pull.head) return no(409, "Head branch was modified. Review and try the merge again.");
  const missing = missingChecks(record, pull);
  if (missing.length > 0) return no(405, `Required status check "${missing.join('", "')}" is expected.`);
  if (guard?.strict === true && !(await record.git.contains(pull.head, base))) return no(405, "Head branch is out of date");
  const trial = await record.git.trialMerge(base, pull.head);
  if (!trial.clean) return no(405, "Pull Request is not mergeable");
  const message = `${textOf(call, "commit_title")}\n\n${textOf(call, "commit_message")}`;
  const parents = body["merge_method"] === "squash" ? [base] : [base, pull.head];
  const commit = await record.git.commitTree(trial.tree, parents, message);
  const before = await record.git.refs();
  if (!(await record.git.setRef(pull.base, commit, base))) return no(409, "Base branch was modified. Review and try the merge again.");
  land(record, pull, commit, outcome);
  await noticeMoves(record, before, outcome);
  return { status: 200, body: { sha: commit, merged: true, message: "Pull Request successfully merged" } };
}

async function update(call: Call): Promise<Reply> {
  const { to, record, body, outcome } = call;
  const pull = pullOf(call);
  const base = pull === null ? null : await record.git.tip(pull.base);
  if (pull === null || base === null) return NOT_FOUND;
  const { head } = pull;
  if (body["expected_head_sha"] !== undefined && body["expected_head_sha"] !== head)
    return invalid("expected head sha didn't match current head ref", "PullRequest", "expected_head_sha");
  if (await record.git.contains(head, base)) return invalid("There are no new commits on the base branch.", "PullRequest", "base");
  const trial = await record.git.trialMerge(head, base);
  if (!trial.clean) return invalid("merge conflict between base and head", "PullRequest", "base");
  const commit = await record.git.commitTree(trial.tree, [head, base], `Merge branch '${pull.base}' into ${pull.branch}`);
  const work = async (): Promise<void> => {
    const before = await record.git.refs();
    if (await record.git.setRef(pull.branch, commit, head)) await noticeMoves(record, before, outcome);
  };
  if (record.updateAfter === 0) await work();
  else record.background.push({ readsLeft: record.updateAfter, work });
  const url = `${to.api}/repos/${record.owner}/${record.name}/pulls/${String(pull.number)}`;
  return { status: 202, body: { message: "Updating pull request branch.", url } };
}

function comments({ to, record, path }: Call): Reply {
  const number = Number(path["issue_number"]);
  if (!record.pulls.some((pull) => pull.number === number)) return NOT_FOUND;
  return { status: 200, items: (record.comments.get(number) ?? []).map((one) => shapes.comment(to, record, number, one)) };
}

function writeComment(call: Call): Reply {
  const { to, record, path, outcome } = call;
  const number = Number(path["issue_number"]);
  if (!record.pulls.some((pull) => pull.number === number)) return NOT_FOUND;
  const one = { id: call.nextId(), body: textOf(call, "body"), at: outcome.now() };
  record.comments.set(number, [...(record.comments.get(number) ?? []), one]);
  return { status: 201, body: shapes.comment(to, record, number, one) };
}

export const pullsRoutes: readonly Route[] = [
  { operation: "GET /repos/{owner}/{repo}/pulls", handle: list },
  { operation: "POST /repos/{owner}/{repo}/pulls", handle: open },
  { operation: "GET /repos/{owner}/{repo}/pulls/{pull_number}", handle: read },
  { operation: "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", handle: merge },
  { operation: "PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch", handle: update },
  { operation: "GET /repos/{owner}/{repo}/issues/{issue_number}/comments", handle: comments },
  { operation: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments", handle: writeComment },
];
