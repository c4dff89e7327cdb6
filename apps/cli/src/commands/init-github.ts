import { createGitHubForge } from "@millrace/integrations/github";
import { MillraceError } from "@millrace/kernel";
import { DEFAULT_GITHUB, gitHubSchema, issuesOf, type Config } from "../config/config.schema.js";
import { checkGitHub } from "../doctor/github-checks.js";
import type { Cradle } from "../wiring/container.js";
import { createGitHubBoard } from "../wiring/github.js";
import type { Finding } from "../doctor/finding.js";

export interface GitHubInitOptions {
  readonly github?: string;
  readonly tokenEnv?: string;
  readonly githubApi?: string;
  readonly githubWeb?: string;
  readonly base?: string;
}

/**
 * Refuses options that only `--github` gives a meaning.
 *
 * @throws MillraceError `config_invalid`.
 */
export function requireNoGitHubOptions({ tokenEnv, githubApi, githubWeb }: GitHubInitOptions): void {
  const given = [
    ["--token-env", tokenEnv],
    ["--github-api", githubApi],
    ["--github-web", githubWeb],
  ].flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length === 0) return;
  throw new MillraceError("config_invalid", `${given.join(", ")} is for a board on GitHub`, {
    fix: "give --github <owner/repo> too, or leave it out",
  });
}

/**
 * The repository of the command line; its base is the given one, else the default branch on GitHub.
 *
 * @throws MillraceError `config_invalid`, `forge_*`, `repository_missing`.
 */
export async function gitHubRepository(app: Cradle, id: string, options: GitHubInitOptions): Promise<Config["repository"]> {
  const given = {
    ...DEFAULT_GITHUB,
    ...(options.tokenEnv === undefined ? {} : { tokenEnv: options.tokenEnv }),
    ...(options.githubApi === undefined ? {} : { apiUrl: options.githubApi }),
    ...(options.githubWeb === undefined ? {} : { webUrl: options.githubWeb }),
  };
  const parsed = gitHubSchema.safeParse(given);
  if (!parsed.success)
    throw new MillraceError("config_invalid", `GitHub cannot be reached like that: ${issuesOf(parsed.error)}`, {
      fix: "correct --token-env, --github-api or --github-web",
    });
  const repository = { forge: "github", id, base: options.base ?? "", github: parsed.data } as const;
  if (options.base !== undefined) return repository;
  const board = createGitHubBoard(repository, { env: app.io.env, clock: app.clock, log: app.log });
  if (board === null) throw new TypeError("a repository on GitHub has a board on GitHub");
  return { ...repository, base: await createGitHubForge(board.options()).defaultBranch(id) };
}

/** The findings of `millrace doctor` on GitHub; none for a local repository. They do not fail `init`: the board is made. */
export async function gitHubFindings({ io, clock, log }: Cradle, { repository, ci }: Config): Promise<readonly Finding[]> {
  const board = createGitHubBoard(repository, { env: io.env, clock, log });
  return board === null ? [] : checkGitHub(board, ci);
}
