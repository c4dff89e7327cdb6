import type { RepositoryRef } from "@millrace/contracts";
import { createGitHubForge, type GitHubForge, type GitHubForgeOptions } from "@millrace/integrations/github";
import { MillraceError, type Clock, type Forge, type Log } from "@millrace/kernel";
import type { HostForge } from "@millrace/runtime-host";
import { setTimeout as delay } from "node:timers/promises";
import type { Config, GitHubConfig } from "../config/config.schema.js";
import type { Io } from "../io.js";

/** GitHub as the configuration of a board names it. The token is read at the first request. */
export interface GitHubBoard extends HostForge {
  readonly config: GitHubConfig;
  readonly repository: RepositoryRef;
  /**
   * Options of the forge, with the token.
   *
   * @throws MillraceError `config_invalid` when the token is not in the environment.
   */
  options(): GitHubForgeOptions;
}

/** Dependencies of a board on GitHub. */
export interface GitHubParts {
  readonly env: Io["env"];
  readonly clock: Clock;
  readonly log: Log;
}

/** The board on GitHub; null for a board on a local repository. */
export function createGitHubBoard(
  { forge: name, id, base, github, mergeMethod = "merge" }: Config["repository"],
  parts: GitHubParts,
): GitHubBoard | null {
  if (name !== "github" || github === undefined) return null;
  const options = (): GitHubForgeOptions => ({
    auth: { as: "token", token: tokenOf(github, parts.env) },
    settings: { apiUrl: github.apiUrl, webUrl: github.webUrl, mergeMethod },
    clock: parts.clock,
    log: parts.log,
    wait: (ms) => delay(ms),
  });
  const later: { forge: GitHubForge | null } = { forge: null };
  const forge = (): GitHubForge => (later.forge ??= createGitHubForge(options()));
  return {
    config: github,
    repository: { forge: name, id, base },
    options,
    forge: lazyForge(forge),
    remoteUrl: async (repository) => forge().cloneUrl(repository),
  };
}

/** A forge that is created at its first call, so that commands which do not use it work without a token. */
function lazyForge(forge: () => GitHubForge): Forge {
  return {
    name: "github",
    findPullRequest: async (...args) => forge().findPullRequest(...args),
    findMerged: async (...args) => forge().findMerged(...args),
    openPullRequest: async (...args) => forge().openPullRequest(...args),
    read: async (...args) => forge().read(...args),
    checks: async (...args) => forge().checks(...args),
    diffDigest: async (...args) => forge().diffDigest(...args),
    updateBranch: async (...args) => forge().updateBranch(...args),
    merge: async (...args) => forge().merge(...args),
    withdraw: async (...args) => forge().withdraw(...args),
  };
}

function tokenOf({ tokenEnv }: GitHubConfig, env: Io["env"]): string {
  const token = env[tokenEnv]?.trim() ?? "";
  if (token !== "") return token;
  throw new MillraceError("config_invalid", `the environment variable '${tokenEnv}' with the token for GitHub is not set`, {
    fix: `make a token (Settings, Developer settings, Fine-grained tokens: contents and pull requests read and write; checks and commit statuses read) and set ${tokenEnv} to it`,
  });
}
