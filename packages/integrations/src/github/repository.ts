import type { CommitSha, RepositoryRef } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import type { Answer, GitHubClient } from "./client.js";
import type { Installations } from "./installations.js";
import { comparisonSchema, gitCommitSchema, refSchema, type GitCommit } from "./shapes.schema.js";

/** A repository and who may speak to it. */
export interface Place {
  readonly ref: RepositoryRef;
  readonly owner: string;
  readonly repo: string;
  readonly client: GitHubClient;
}

/** `owner/name`, in the letters GitHub allows. */
const nameSchema = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}$/);

/** @throws MillraceError `repository_missing` for an id that is no `owner/name`, or that no installation sees. */
export async function placeOf(installations: Installations, ref: RepositoryRef): Promise<Place> {
  const { owner, repo } = splitName(ref.id);
  return { ref, owner, repo, client: await installations.clientOf(owner, repo) };
}

export function splitName(id: string): { readonly owner: string; readonly repo: string } {
  const [owner, repo] = nameSchema.safeParse(id).success ? id.split("/") : [];
  if (owner === undefined || repo === undefined || /^\.{1,2}$/.test(repo))
    throw new MillraceError("repository_missing", `'${id}' is no repository of GitHub`, {
      fix: "Write it as owner/name.",
      details: { repository: id },
    });
  return { owner, repo };
}

/** GitHub answers 404 for what is not there and for what the credential may not see. */
function missingRepository({ ref }: Place): MillraceError {
  return new MillraceError("repository_missing", `GitHub has no repository '${ref.id}', or its credential may not see it`, {
    fix: "Correct the repository's name, or give the token or App access to it.",
    details: { repository: ref.id },
  });
}

export function refusal({ ref }: Place, message: string, fix: string): MillraceError {
  return new MillraceError("forge_refused", message, { fix, details: { repository: ref.id } });
}

/** The value, or the error for a refusal nobody expected. */
export function expectOk<T>(place: Place, answer: Answer<T>, what: string): T {
  if (answer.is === "ok") return answer.value;
  const { status, message, needs } = answer;
  if (status === 404) throw missingRepository(place);
  throw new MillraceError("forge_refused", `GitHub refused to ${what} in '${place.ref.id}' (${String(status)}): ${message}`, {
    fix:
      status === 403
        ? `Give the token or App the permission that is missing${needs === null ? "" : `: ${needs}`}.`
        : "Read GitHub's message.",
    details: { repository: place.ref.id, status },
  });
}

/** Tip of a branch; null when there is none. */
export async function tipOf({ client, owner, repo }: Place, branch: string): Promise<CommitSha | null> {
  const answer = await client.get("GET /repos/{owner}/{repo}/git/ref/{ref}", { owner, repo, ref: `heads/${branch}` }, refSchema);
  return answer.is === "ok" ? answer.value.object.sha : null;
}

export interface Comparison {
  /** Tip of the base branch. */
  readonly base: CommitSha;
  /** The commit does not contain that tip. */
  readonly behind: boolean;
  /** Nothing in the commit is new to the base. */
  readonly contained: boolean;
}

/**
 * A commit against the tip of a branch, both read in one request; null when one of them is not there. Page 2 of the commits:
 * the list of files, which may be large, comes with the first page only.
 */
export async function compare({ client, owner, repo }: Place, branch: string, head: CommitSha): Promise<Comparison | null> {
  const answer = await client.get(
    "GET /repos/{owner}/{repo}/compare/{basehead}",
    { owner, repo, basehead: `${branch}...${head}`, per_page: 1, page: 2 },
    comparisonSchema,
  );
  if (answer.is === "refused") return null;
  const { base_commit, ahead_by, behind_by } = answer.value;
  return { base: base_commit.sha, behind: behind_by > 0, contained: ahead_by === 0 };
}

export async function commitOf(place: Place, sha: CommitSha): Promise<GitCommit> {
  const { client, owner, repo } = place;
  const route = "GET /repos/{owner}/{repo}/git/commits/{commit_sha}";
  return expectOk(place, await client.get(route, { owner, repo, commit_sha: sha }, gitCommitSchema), `read the commit ${sha}`);
}
