import type { PullRequestRef, RepositoryRef } from "@millrace/contracts";
import type { Clock, Forge, Log } from "@millrace/kernel";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import { z } from "zod";
import { readChecks } from "./checks.js";
import type { Comment } from "./comments.js";
import { comment } from "./comments.js";
import { withExpected } from "./checks.logic.js";
import type { GitHubClient } from "./client.js";
import { createInstallations, type Installations } from "./installations.js";
import { mergePull } from "./merge.js";
import { githubAuthSchema, githubSettingsSchema, type GitHubAuth } from "./options.schema.js";
import { findOpen, openPull, readState } from "./pull-requests.js";
import { leaveMergeQueue } from "./merge-queue.js";
import type { Place } from "./repository.js";
import { expectOk, placeOf, splitName } from "./repository.js";
import { createRuleBook } from "./rules.js";
import { createKeyedQueue } from "./keyed-queue.js";
import { createPollUntil } from "./poll-until.js";
import { ReadCache } from "./read-cache.js";
import { StatusBatch } from "./status-batch.js";
import { updateBranch } from "./update-branch.js";

export interface GitHubForgeOptions {
  readonly auth: GitHubAuth;
  readonly settings?: z.input<typeof githubSettingsSchema>;
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves after that many ms. */
  readonly wait: (ms: number) => Promise<void>;
  /** Default: the host's own. */
  readonly fetch?: typeof fetch;
}

/** The forge port, and what GitHub offers beyond it. */
export interface GitHubForge extends Forge {
  /** Comments on a pull request, once for its key. Returns the comment's address. */
  comment(repository: RepositoryRef, pullRequest: PullRequestRef, comment: Comment): Promise<string>;
  /** Deletes a branch; one that is gone is a success. */
  deleteBranch(repository: RepositoryRef, branch: string): Promise<void>;
  /** The branch that changes are merged into where nobody says another. `id`: `owner/name`. */
  defaultBranch(id: string): Promise<string>;
  /** Somebody (a webhook) says that something changed: what was read ahead for many is not used. */
  expire(): void;
  /** Address for git, with a credential that lives an hour at most for an App. Never log it; never leave it in a clone. */
  cloneUrl(repository: RepositoryRef): Promise<string>;
}

/**
 * GitHub as a forge. A repository's id is `owner/name`.
 *
 * When GitHub's limits are used up every call rejects with `rate_limited` and `details.resetAt` without being sent, and with
 * `forge_down` while GitHub does not answer; the engine turns both into a pause until then. Reads are conditional and are tried
 * again; writes are sent once and are found again.
 * @throws MillraceError `config_invalid` for options that cannot be right.
 */
export function createGitHubForge(options: GitHubForgeOptions): GitHubForge {
  const { clock, log } = options;
  const { installations, settings } = connect(options);
  const rulesOf = createRuleBook(clock, settings.rulesForMs);
  const pollUntil = createPollUntil(options.wait, settings.settleMs);
  const queue = createKeyedQueue();
  const cache = new ReadCache(clock, settings.batchForMs);
  const batches = new Map<GitHubClient, StatusBatch>();
  const batchOf = (client: GitHubClient): StatusBatch => {
    const known = batches.get(client) ?? new StatusBatch(client, { clock, threshold: settings.batchFrom, maxAgeMs: settings.batchForMs });
    batches.set(client, known);
    return known;
  };
  const place = (ref: RepositoryRef) => placeOf(installations, ref);
  return {
    name: "github",
    findPullRequest: async (repository, branch) => findOpen(await place(repository), branch),
    openPullRequest: async (repository, request) => {
      const at = await place(repository);
      return queue.run(`open ${repository.id} ${request.branch}`, () => openPull(at, request));
    },
    async read(repository, { id, number }) {
      const at = await place(repository);
      return cache.state(id, await batchOf(at.client).poll(id), () => readState(at, number));
    },
    async checks(repository, head) {
      const at = await place(repository);
      const reported = await cache.checks(head, () => readChecks(at, head));
      return withExpected(reported, (await rulesOf(at)).required);
    },
    async defaultBranch(id) {
      const at = await place({ forge: "github", id, base: "" });
      const { client, owner, repo } = at;
      return expectOk(at, await client.get("GET /repos/{owner}/{repo}", { owner, repo }, repositorySchema), "read the repository")
        .default_branch;
    },
    expire: () => [...batches.values()].forEach((batch) => batch.expire()),
    updateBranch: async (repository, { number }, head) => updateBranch(await place(repository), number, head, pollUntil),
    async merge(repository, { number, branch }, expected, message, askedAt = clock.now()) {
      const at = await place(repository);
      const request = { number, expected, message, method: settings.mergeMethod, askedAt };
      // One merge at a time per base: of two pull requests that were checked against the same base, only one can be merged onto it.
      const result = await queue.run(`merge ${repository.id} ${repository.base}`, async () =>
        mergePull(at, request, await rulesOf(at), pollUntil),
      );
      if (result.is === "merged" && settings.deletesBranches)
        await deleteBranch(at, branch).catch((error: unknown) =>
          log.warn("branch-not-deleted", { repository: repository.id, branch, code: isMillraceError(error) ? error.code : "internal" }),
        );
      return result;
    },
    async withdraw(repository, { number }) {
      const at = await place(repository);
      return queue.run(`merge ${repository.id} ${repository.base}`, () => leaveMergeQueue(at, number));
    },
    comment: async (repository, { number }, text) => {
      const at = await place(repository);
      return queue.run(`comment ${repository.id}#${String(number)} ${text.key}`, () => comment(at, number, text));
    },
    deleteBranch: async (repository, branch) => deleteBranch(await place(repository), branch),
    async cloneUrl(repository) {
      const { owner, repo } = splitName(repository.id);
      const { client } = await place(repository);
      const url = new URL(`${settings.webUrl.replace(/\/+$/, "")}/${owner}/${repo}.git`);
      url.username = "x-access-token";
      url.password = await client.token();
      return url.href;
    },
  };
}

const repositorySchema = z.object({ default_branch: z.string().min(1) });

/** Who speaks to GitHub, and with which settings. @throws MillraceError `config_invalid`. */
export function connect(options: Pick<GitHubForgeOptions, "auth" | "settings" | "clock" | "fetch">): {
  readonly installations: Installations;
  readonly settings: z.output<typeof githubSettingsSchema>;
} {
  const auth = valid(githubAuthSchema, options.auth, "credential");
  const settings = valid(githubSettingsSchema, options.settings ?? {}, "settings");
  const installations = createInstallations(auth, {
    clock: options.clock,
    baseUrl: settings.apiUrl.replace(/\/+$/, ""),
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    retryMs: settings.retryMs,
    spacing: settings.spacing,
    timeoutMs: settings.timeoutMs,
  });
  return { installations, settings };
}

async function deleteBranch(place: Place, branch: string): Promise<void> {
  const { client, owner, repo } = place;
  const answer = await client.send("DELETE /repos/{owner}/{repo}/git/refs/{ref}", { owner, repo, ref: `heads/${branch}` }, z.unknown());
  // 404 and 422: there is no such branch.
  if (answer.is === "refused" && answer.status !== 404 && answer.status !== 422) expectOk(place, answer, `delete the branch '${branch}'`);
}

/** Says which setting is wrong, never what its value was: it may be a key. */
function valid<S extends z.ZodType>(schema: S, given: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path, code }) => `${path.join(".") || what} (${code})`).join(", ");
  throw new MillraceError("config_invalid", `the ${what} of the GitHub forge cannot be used: ${where}`, {
    fix: "Correct what is named in the message.",
  });
}
