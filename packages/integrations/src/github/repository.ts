import type { CommitSha, RepositoryRef } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import type { Answer, GitHubClient, ReadOptions } from "./client.js";
import type { Installations } from "./installations.js";
import { comparisonSchema, gitCommitSchema, refSchema, type GitCommit } from "./shapes.schema.js";

/** A repository and the client that may access it. */
export interface OpenRepository {
  readonly ref: RepositoryRef;
  readonly owner: string;
  readonly repo: string;
  readonly client: GitHubClient;
}

/** `owner/name`, in the characters that GitHub allows. */
const nameSchema = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}$/);

/**
 * Finds the client for a repository.
 * @throws MillraceError `repository_missing` if the id is not `owner/name`, or the App is not installed on it.
 */
export async function openRepository(installations: Installations, ref: RepositoryRef): Promise<OpenRepository> {
  const { owner, repo } = splitName(ref.id);
  return { ref, owner, repo, client: await installations.clientOf(owner, repo) };
}

/**
 * Splits `owner/name`.
 * @throws MillraceError `repository_missing` if the id has another form.
 */
export function splitName(id: string): { readonly owner: string; readonly repo: string } {
  const [owner, repo] = nameSchema.safeParse(id).success ? id.split("/") : [];
  if (owner === undefined || repo === undefined || /^\.{1,2}$/.test(repo))
    throw new MillraceError("repository_missing", `'${id}' is no repository of GitHub`, {
      fix: "Write it as owner/name.",
      details: { repository: id },
    });
  return { owner, repo };
}

/** GitHub answers 404 both for a repository that does not exist and for one that the credential may not see. */
function missingRepository({ ref }: OpenRepository): MillraceError {
  return new MillraceError("repository_missing", `GitHub has no repository '${ref.id}', or its credential may not see it`, {
    fix: "Correct the repository's name, or give the token or App access to it.",
    details: { repository: ref.id },
  });
}

/** The final error `forge_refused`, with its repair. */
export function refusal({ ref }: OpenRepository, message: string, fix: string): MillraceError {
  return new MillraceError("forge_refused", message, { fix, details: { repository: ref.id } });
}

/** The passing error for something that exists and that GitHub does not show yet. `what` is a noun with its article. */
export function notShown({ ref }: OpenRepository, what: string): MillraceError {
  return new MillraceError("forge_failed", `GitHub does not show ${what} in '${ref.id}' yet`, {
    fix: "Nothing to do: it is asked again.",
    details: { repository: ref.id },
  });
}

/**
 * The value of an answer whose refusal has no meaning of its own. `what` completes "GitHub refused to ...".
 * @throws MillraceError `repository_missing` for 404, else `forge_refused`.
 */
export function expectOk<T>(repository: OpenRepository, answer: Answer<T>, what: string): T {
  if (answer.is === "ok") return answer.value;
  const { status, message, needs } = answer;
  if (status === 404) throw missingRepository(repository);
  throw new MillraceError("forge_refused", `GitHub refused to ${what} in '${repository.ref.id}' (${String(status)}): ${message}`, {
    fix:
      status === 403
        ? `Give the token or App the permission that is missing${needs === null ? "" : `: ${needs}`}.`
        : "Read GitHub's message.",
    details: { repository: repository.ref.id, status },
  });
}

/** Tip of a branch; null if there is no such branch. `options`: whether the branch is known to exist. */
export async function tipOf({ client, owner, repo }: OpenRepository, branch: string, options: ReadOptions = {}): Promise<CommitSha | null> {
  const target = { owner, repo, ref: `heads/${branch}` };
  const answer = await client.get("GET /repos/{owner}/{repo}/git/ref/{ref}", target, refSchema, options);
  return answer.is === "ok" ? answer.value.object.sha : null;
}

/** A commit compared with a base branch. */
export interface Comparison {
  /** Tip of the base branch. */
  readonly base: CommitSha;
  /** The commit does not contain that tip. */
  readonly behind: boolean;
  /** The base contains the commit. */
  readonly contained: boolean;
}

/**
 * Compares a commit with the tip of a branch, both read in one request; null if either does not exist. Asks for page 2
 * of the commits, because page 1 also carries the list of files, which may be large.
 */
export async function compare({ client, owner, repo }: OpenRepository, branch: string, head: CommitSha): Promise<Comparison | null> {
  const answer = await client.get(
    "GET /repos/{owner}/{repo}/compare/{basehead}",
    { owner, repo, basehead: `${branch}...${head}`, per_page: 1, page: 2 },
    comparisonSchema,
    { exists: true },
  );
  if (answer.is === "refused") return null;
  const { base_commit, ahead_by, behind_by } = answer.value;
  return { base: base_commit.sha, behind: behind_by > 0, contained: ahead_by === 0 };
}

/** Reads a commit that must exist. */
export async function commitOf(repository: OpenRepository, sha: CommitSha): Promise<GitCommit> {
  const { client, owner, repo } = repository;
  const route = "GET /repos/{owner}/{repo}/git/commits/{commit_sha}";
  return expectOk(
    repository,
    await client.get(route, { owner, repo, commit_sha: sha }, gitCommitSchema, { exists: true }),
    `read the commit ${sha}`,
  );
}
