import type { CommitSha, Digest } from "@millrace/contracts";
import { digestText, isMillraceError } from "@millrace/kernel";
import { hasBinary, stableDiff } from "../git/diff-digest.logic.js";
import type { OpenRepository } from "./repository.js";
import { expectOk } from "./repository.js";
import { comparedFilesSchema } from "./shapes.schema.js";

/** Two commits: what `head` changes since its merge base with `base`. */
export interface DiffRange {
  readonly base: CommitSha;
  readonly head: CommitSha;
}

const ROUTE = "GET /repos/{owner}/{repo}/compare/{basehead}";
/** GitHub's answers for a diff that is larger than it shows. */
const TOO_LARGE: readonly number[] = [406, 413, 422];

/**
 * Reads the diff and digests it; null if GitHub does not show one of that size. GitHub shortens the ids in a diff, which are all that it
 * tells of a binary file, so those are read in full from the list of files.
 */
export async function readDiffDigest(repository: OpenRepository, { base, head }: DiffRange): Promise<Digest | null> {
  const { client, owner, repo } = repository;
  const target = { owner, repo, basehead: `${base}...${head}` };
  const answer = await client.diff(ROUTE, target).catch((error: unknown) => {
    // GitHub gives up on a large diff with a server error.
    if (isMillraceError(error, "forge_failed") && error.details["status"] !== null) return null;
    throw error;
  });
  if (answer === null || (answer.is === "refused" && TOO_LARGE.includes(answer.status))) return null;
  const diff = expectOk(repository, answer, `compare ${head} with ${base}`);
  if (!hasBinary(diff)) return digestText(stableDiff(diff));
  const compared = expectOk(repository, await client.get(ROUTE, target, comparedFilesSchema), `compare ${head} with ${base}`);
  if (compared.files.length >= MAX_FILES) return null;
  const ids = compared.files
    .filter(({ patch }) => patch === undefined)
    .map(({ status, filename, previous_filename = "", sha }) => JSON.stringify([status, filename, previous_filename, sha]));
  return digestText([stableDiff(diff), ...ids.toSorted()].join("\n"));
}

/** Files that GitHub lists of a comparison: of more, some would be missing. */
const MAX_FILES = 300;
