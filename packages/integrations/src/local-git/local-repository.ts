import { isAbsolute } from "node:path";
import type { CommitSha, RepositoryRef } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import type { Git } from "../git/git.js";
import { gitAt } from "../git/git.js";
import { branchRef, isRepository, readRefs } from "../git/refs.js";
import { ensurePathInside } from "../paths/ensure-path-inside.js";

/** A command whose exit code says whether a commit is good. It runs in a clean checkout of that commit. */
export const localGitCheckSchema = z.strictObject({
  name: z.string().min(1).max(300),
  /** Program and arguments; no shell in between. */
  argv: z.tuple([z.string().min(1)], z.string()).readonly(),
  /** Milliseconds until the command counts as `timed_out`. */
  timeoutMs: z.number().int().positive(),
  /** Added to the clean environment of the command (PATH, HOME, TMPDIR, LANG, CI). */
  env: z.record(z.string(), z.string()).readonly().optional(),
});
export type LocalGitCheck = z.infer<typeof localGitCheckSchema>;

const localGitRepositorySchema = z.strictObject({
  path: z.string().refine(isAbsolute, "the path must be absolute"),
  url: z.string().min(1).max(2000),
  checks: z
    .array(localGitCheckSchema)
    .max(50)
    .readonly()
    .refine((checks) => new Set(checks.map((check) => check.name)).size === checks.length, "two checks have the same name"),
});

/** A repository of the `local-git` forge: `path` is the bare repository, `url` what people are shown. */
export type LocalGitRepository = z.infer<typeof localGitRepositorySchema>;

/** A repository that was found, with git at hand. */
export interface OpenRepository {
  readonly ref: RepositoryRef;
  readonly path: string;
  readonly checks: readonly LocalGitCheck[];
  readonly git: Git;
}

export interface RepositorySource {
  /** Null when there is no repository of that id. */
  repositories(id: string): Promise<LocalGitRepository | null>;
  /** Repositories outside this folder are refused. Default: any folder. */
  readonly root?: string;
}

/** @throws MillraceError `repository_missing`, `path_outside`, `config_invalid`. */
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
  return { ref, path, checks: parsed.data.checks, git: gitAt({ gitDir: path }) };
}

export interface Tips {
  /** Full ref names. */
  readonly branch: string;
  readonly base: string;
  readonly head: CommitSha | null;
  readonly baseHead: CommitSha | null;
}

/** Both tips from one command, so that they were true at the same moment. */
export async function readTips(git: Git, branchName: string, baseName: string): Promise<Tips> {
  const [branch, base] = [await branchRef(branchName), await branchRef(baseName)];
  const refs = await readRefs(git, branch, base);
  return { branch, base, head: refs[branch] ?? null, baseHead: refs[base] ?? null };
}
