import { isAbsolute } from "node:path";
import type { CommitSha, RepositoryRef } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import type { CommitStyle } from "../git/commit-style.js";
import type { Git } from "../git/git.js";
import { gitAt } from "../git/git.js";
import { branchRef, isRepository, readRefs } from "../git/refs.js";
import { ensurePathInside } from "../paths/ensure-path-inside.js";

/** Schema of a check: a command that runs in a clean checkout of a commit. Exit code 0 means that the commit passes. */
export const localGitCheckSchema = z.strictObject({
  name: z.string().min(1).max(300),
  /** Program and arguments, run without a shell. */
  argv: z.tuple([z.string().min(1)], z.string()).readonly(),
  /** Time in ms after which the command is stopped and counts as `timed_out`. */
  timeoutMs: z.number().int().positive(),
  /** Variables added to the clean environment of the command (PATH, HOME, TMPDIR, LANG, CI). Default: none. */
  env: z.record(z.string(), z.string()).readonly().optional(),
});

/** A check of a `local-git` repository. */
export type LocalGitCheck = z.infer<typeof localGitCheckSchema>;

/** Settings of a repository of the `local-git` forge. */
export interface LocalGitRepository {
  /** Absolute path of the bare repository. */
  readonly path: string;
  /** Address that people are shown, at most 2000 characters. */
  readonly url: string;
  /** At most 50, with distinct names. */
  readonly checks: readonly LocalGitCheck[];
  /** `squash`: a change lands as one commit on its base, without the commits of its branch. Default: `merge`. */
  readonly mergeMethod?: "merge" | "squash" | undefined;
  /** Author and sign-off of what lands. Default: Millrace, without a sign-off. */
  readonly commits?: CommitStyle | undefined;
}

const localGitRepositorySchema = z.strictObject({
  path: z.string().refine(isAbsolute, "the path must be absolute"),
  url: z.string().min(1).max(2000),
  checks: z
    .array(localGitCheckSchema)
    .max(50)
    .readonly()
    .refine((checks) => new Set(checks.map((check) => check.name)).size === checks.length, "two checks have the same name"),
  mergeMethod: z.enum(["merge", "squash"]).optional(),
  commits: z
    .strictObject({ author: z.strictObject({ name: z.string().min(1), email: z.string().min(1) }).nullable(), signOff: z.boolean() })
    .optional(),
}) satisfies z.ZodType<LocalGitRepository>;

/** A repository that exists, with git bound to it. */
export interface OpenRepository {
  readonly ref: RepositoryRef;
  readonly path: string;
  readonly checks: readonly LocalGitCheck[];
  readonly mergeMethod: LocalGitRepository["mergeMethod"];
  readonly commits: CommitStyle | undefined;
  readonly git: Git;
}

/** Where repositories are looked up. */
export interface RepositorySource {
  /** Null if there is no repository with that id. */
  repositories(id: string): Promise<LocalGitRepository | null>;
  /** Repositories outside this folder are refused. Default: any folder. */
  readonly root?: string;
}

/**
 * Looks a repository up and validates its settings.
 * @throws MillraceError `repository_missing`, `path_outside`, `config_invalid`.
 */
export async function openRepository(source: RepositorySource, ref: RepositoryRef): Promise<OpenRepository> {
  const found = await source.repositories(ref.id);
  if (found === null)
    throw new MillraceError("repository_missing", `there is no repository '${ref.id}'`, {
      fix: "Add it first, or correct the task's repository.",
      details: { repository: ref.id },
    });
  const parsed = localGitRepositorySchema.safeParse(found);
  if (!parsed.success) {
    throw new MillraceError("config_invalid", `the settings of repository '${ref.id}' cannot be used: ${z.prettifyError(parsed.error)}`, {
      fix: "Correct the repository's settings.",
      details: { repository: ref.id },
    });
  }
  const path = source.root === undefined ? parsed.data.path : await ensurePathInside(source.root, parsed.data.path);
  if (!(await isRepository(path)))
    throw new MillraceError("repository_missing", `there is no git repository at '${path}'`, {
      fix: "Create it again, or correct the repository's path.",
      details: { repository: ref.id, path },
    });
  const { checks, mergeMethod, commits } = parsed.data;
  return { ref, path, checks, mergeMethod, commits, git: gitAt({ gitDir: path }) };
}

/** Tips of a branch and its base, read at the same moment. */
export interface BranchTips {
  /** Full ref name. */
  readonly branch: string;
  /** Full ref name. */
  readonly base: string;
  /** Null if the branch does not exist. */
  readonly head: CommitSha | null;
  /** Null if the base does not exist. */
  readonly baseHead: CommitSha | null;
}

/** Reads both tips with one command, so that they belong to the same moment. */
export async function readTips(git: Git, branchName: string, baseName: string): Promise<BranchTips> {
  const [branch, base] = [await branchRef(branchName), await branchRef(baseName)];
  const refs = await readRefs(git, branch, base);
  return { branch, base, head: refs[branch] ?? null, baseHead: refs[base] ?? null };
}
