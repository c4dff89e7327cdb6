/** The repository itself: branches, rules, refs, commits. */
import type { Call, Reply, Route } from "../call.js";
import { invalid, no, NOT_FOUND, textOf } from "../call.js";
import { noticeMoves } from "../moves.js";
import { isHidden } from "../records.js";
import * as shapes from "../shapes.js";

/** Lines of a diff that GitHub still answers with. */
const MAX_DIFF_LINES = 20_000;
const HEADS = /^heads\//;

async function branchOf({ to, record, path }: Call): Promise<Reply> {
  const asked = path["branch"] ?? "";
  const name = record.renamed.get(asked) ?? asked;
  const tip = await record.git.tip(name);
  if (tip === null || isHidden(record, "branch")) return no(404, "Branch not found");
  return { status: 200, body: shapes.branch(to, record, name, await record.git.facts(tip)) };
}

async function compare({ to, record, path, query, wantsDiff }: Call): Promise<Reply> {
  const [baseName = "", headName = ""] = (path["basehead"] ?? "").split("...");
  const at = async (name: string) => (await record.git.tip(name)) ?? (await record.git.commitSha(name));
  const [base, head] = [await at(baseName), await at(headName)];
  const mergeBase = base === null || head === null ? null : await record.git.mergeBase(base, head);
  if (base === null || head === null || mergeBase === null || isHidden(record, "commit")) return NOT_FOUND;
  if (wantsDiff) {
    const text = await record.git.diff(mergeBase, head);
    return text.split("\n").length > MAX_DIFF_LINES
      ? no(406, "Sorry, the diff exceeded the maximum number of lines")
      : { status: 200, text };
  }
  const [ahead, behind] = [await record.git.count(base, head), await record.git.count(head, base)];
  const url = `${to.api}/repos/${record.owner}/${record.name}/compare/${base}...${head}`;
  const status = ahead === 0 ? (behind === 0 ? "identical" : "behind") : behind === 0 ? "ahead" : "diverged";
  return {
    status: 200,
    body: {
      ...Object.fromEntries(["url", "html_url", "permalink_url", "diff_url", "patch_url"].map((name) => [name, url])),
      base_commit: shapes.commit(to, record, await record.git.facts(base)),
      merge_base_commit: shapes.commit(to, record, await record.git.facts(mergeBase)),
      status,
      ahead_by: ahead,
      behind_by: behind,
      total_commits: ahead,
      commits: [],
      ...(query.get("page") === null || query.get("page") === "1"
        ? { files: shapes.files(to, record, head, await record.git.changedFiles(mergeBase, head)) }
        : {}),
    },
  };
}

async function gitCommit({ to, record, path }: Call): Promise<Reply> {
  const sha = await record.git.commitSha(path["commit_sha"] ?? "");
  return sha === null || isHidden(record, "commit")
    ? NOT_FOUND
    : { status: 200, body: shapes.gitCommit(to, record, await record.git.facts(sha)) };
}

async function createCommit(call: Call): Promise<Reply> {
  const { to, record, body } = call;
  const parents = Array.isArray(body["parents"]) ? body["parents"].filter((one): one is string => typeof one === "string") : [];
  const sha = await record.git.commitTree(textOf(call, "tree"), parents, textOf(call, "message")).catch(() => null);
  if (sha === null) return invalid("Tree or parent does not exist", "Commit", "tree");
  return { status: 201, body: shapes.gitCommit(to, record, await record.git.facts(sha)) };
}

async function readRef({ to, record, path }: Call): Promise<Reply> {
  const name = path["ref"] ?? "";
  if (!HEADS.test(name)) return NOT_FOUND;
  const tip = await record.git.tip(name.replace(HEADS, ""));
  return tip === null || isHidden(record, "branch") ? NOT_FOUND : { status: 200, body: shapes.reference(to, record, `refs/${name}`, tip) };
}

async function moveRef(call: Call): Promise<Reply> {
  const { to, record, path, body, outcome } = call;
  const branch = (path["ref"] ?? "").replace(HEADS, "");
  const [tip, next] = [await record.git.tip(branch), await record.git.commitSha(textOf(call, "sha"))];
  if (tip === null || next === null) return invalid("Reference does not exist", "Reference", "ref");
  if (record.protections.has(branch)) return no(422, "Repository rule violations found");
  if (body["force"] !== true && !(await record.git.contains(next, tip))) return no(422, "Update is not a fast forward");
  const before = await record.git.refs();
  if (!(await record.git.setRef(branch, next, tip))) return no(422, "Update is not a fast forward");
  await noticeMoves(record, before, outcome);
  return { status: 200, body: shapes.reference(to, record, `refs/heads/${branch}`, next) };
}

async function deleteRef({ record, path, outcome }: Call): Promise<Reply> {
  const branch = (path["ref"] ?? "").replace(HEADS, "");
  if ((await record.git.tip(branch)) === null) return no(422, "Reference does not exist");
  const before = await record.git.refs();
  await record.git.git("update-ref", "-d", `refs/heads/${branch}`);
  await noticeMoves(record, before, outcome);
  return { status: 204, body: null };
}

export const repositoryRoutes: readonly Route[] = [
  {
    operation: "GET /repos/{owner}/{repo}",
    handle: ({ to, record, mayPush }) => ({
      status: 200,
      body: { ...shapes.repository(to, record), permissions: { admin: false, push: mayPush, pull: true } },
    }),
  },
  {
    operation: "GET /repos/{owner}/{repo}/hooks",
    handle: ({ to, record }) => ({ status: 200, items: record.hook === null ? [] : [shapes.hook(to, record, record.hook)] }),
  },
  { operation: "GET /repos/{owner}/{repo}/branches/{branch}", handle: branchOf },
  {
    operation: "GET /repos/{owner}/{repo}/rules/branches/{branch}",
    handle: ({ record, path }) => ({ status: 200, items: shapes.rules(record, record.protections.get(path["branch"] ?? "")) }),
  },
  { operation: "GET /repos/{owner}/{repo}/compare/{basehead}", handle: compare },
  { operation: "GET /repos/{owner}/{repo}/git/commits/{commit_sha}", handle: gitCommit },
  { operation: "POST /repos/{owner}/{repo}/git/commits", handle: createCommit },
  { operation: "GET /repos/{owner}/{repo}/git/ref/{ref}", handle: readRef },
  { operation: "PATCH /repos/{owner}/{repo}/git/refs/{ref}", handle: moveRef },
  { operation: "DELETE /repos/{owner}/{repo}/git/refs/{ref}", handle: deleteRef },
];
