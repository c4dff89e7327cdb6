/** One client, and so one set of rate limits, per installation of the App; with a token, one for all repositories. */
import { createAppAuth } from "@octokit/auth-app";
import type { Clock } from "@millrace/kernel";
import { hasPassed, MillraceError } from "@millrace/kernel";
import { z } from "zod";
import type { ClientSettings, Identity } from "./client.js";
import { GitHubClient } from "./client.js";
import type { githubAuthSchema } from "./options.schema.js";

/** The clients of a credential. */
export interface Installations {
  /**
   * The client of the installation that may access this repository.
   * @throws MillraceError `repository_missing` if the App is not installed on it, and as `GitHubClient.get`.
   */
  clientOf(owner: string, repo: string): Promise<GitHubClient>;
  /**
   * The installation itself; null with a token.
   * @throws MillraceError as `clientOf`.
   */
  installationOf(owner: string, repo: string): Promise<Installation | null>;
}

/** What the owner of a repository granted to the App. */
export interface Installation {
  readonly id: number;
  /** Level by permission: `read`, `write` or `admin`. */
  readonly permissions: Readonly<Record<string, string>>;
  /** Webhook events that the App subscribes to. */
  readonly events: readonly string[];
}

/** Installation tokens are valid for one hour; the last five minutes are not used. */
const TOKEN_MAX_AGE_MS = 55 * 60_000;
const installationSchema = z.object({
  id: z.number().int(),
  permissions: z.record(z.string(), z.string()).default({}),
  events: z.array(z.string()).default([]),
});

/** Creates the clients: one for a token; for an App one per installation, when the installation is first used. */
export function createInstallations(auth: z.output<typeof githubAuthSchema>, settings: ClientSettings): Installations {
  if (auth.as === "token") {
    const client = new GitHubClient({ name: `the token at ${settings.baseUrl}`, options: { auth: auth.token } }, settings);
    return { clientOf: () => Promise.resolve(client), installationOf: () => Promise.resolve(null) };
  }
  const { appId, privateKey } = auth;
  const login = (installationId: number | null): Identity => {
    const cache = tokenCache(settings.clock);
    return {
      name: installationId === null ? `App ${String(appId)}` : `installation ${String(installationId)}`,
      options: { authStrategy: createAppAuth, auth: { appId, privateKey, cache, ...(installationId === null ? {} : { installationId }) } },
      // After a reinstallation or a suspension GitHub may accept another token.
      ...(installationId === null ? {} : { forgetToken: cache.clear }),
    };
  };
  const app = new GitHubClient(login(null), settings);
  const clients = new Map<number, GitHubClient>();
  const installed = new Map<string, Promise<GitHubClient>>();
  const installationOf = async (owner: string, repo: string): Promise<Installation> => {
    const answer = await app.get("GET /repos/{owner}/{repo}/installation", { owner, repo }, installationSchema);
    if (answer.is === "refused") throw notInstalled(appId, `${owner}/${repo}`);
    return answer.value;
  };
  const find = async (owner: string, repo: string): Promise<GitHubClient> => {
    const { id } = await installationOf(owner, repo);
    const client = clients.get(id) ?? new GitHubClient(login(id), settings);
    clients.set(id, client);
    return client;
  };
  return {
    installationOf,
    clientOf(owner, repo) {
      const name = `${owner}/${repo}`.toLowerCase();
      const known = installed.get(name) ?? find(owner, repo);
      installed.set(name, known);
      known.catch(() => installed.delete(name));
      return known;
    },
  };
}

interface TokenCache {
  readonly get: (key: string) => string | undefined;
  readonly set: (key: string, value: string) => void;
  readonly clear: () => void;
}

/** Cache in the form `@octokit/auth-app` asks for. In memory only: tokens are never written to disk. */
function tokenCache(clock: Clock): TokenCache {
  const tokens = new Map<string, { readonly value: string; readonly until: number }>();
  return {
    get(key) {
      const found = tokens.get(key);
      if (found !== undefined && !hasPassed(found.until, clock.now(), TOKEN_MAX_AGE_MS)) return found.value;
      tokens.delete(key);
      return undefined;
    },
    set: (key, value) => void tokens.set(key, { value, until: clock.now() + TOKEN_MAX_AGE_MS }),
    clear: () => tokens.clear(),
  };
}

function notInstalled(appId: string | number, repository: string): MillraceError {
  return new MillraceError("repository_missing", `the GitHub App ${String(appId)} is not installed on '${repository}'`, {
    fix: "Install the App on the repository, or correct the repository's name.",
    details: { repository },
  });
}
