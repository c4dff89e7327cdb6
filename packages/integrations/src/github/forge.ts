import type { Digest, PullRequestRef, RepositoryRef } from "@millrace/contracts";
import type { Clock, Forge, Log } from "@millrace/kernel";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import { z } from "zod";
import { readChecks, requiredWithStatuses } from "./checks.js";
import type { Comment } from "./comments.js";
import { comment } from "./comments.js";
import { newestChecks, withExpected } from "./checks.logic.js";
import type { GitHubClient } from "./client.js";
import { readDiffDigest } from "./diff-digest.js";
import { LruCache } from "./lru-cache.js";
import { createInstallations, type Installations } from "./installations.js";
import { mergePull } from "./merge.js";
import { githubAuthSchema, githubSettingsSchema, type GitHubAuth } from "./options.schema.js";
import { findMerged, findOpen, openPull, readState } from "./pull-requests.js";
import { leaveMergeQueue } from "./merge-queue.js";
import type { OpenRepository } from "./repository.js";
import { expectOk, openRepository, splitName } from "./repository.js";
import { createRulesCache } from "./rules.js";
import { createKeyedQueue } from "./keyed-queue.js";
import { createPollUntil } from "./poll-until.js";
import { ReadCache } from "./read-cache.js";
import { StatusBatch } from "./status-batch.js";
import { updateBranch } from "./update-branch.js";

/** Options of `createGitHubForge`. */
export interface GitHubForgeOptions {
  readonly auth: GitHubAuth;
  /** Default: see `githubSettingsSchema`. */
  readonly settings?: z.input<typeof githubSettingsSchema>;
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves after that many ms. */
  readonly wait: (ms: number) => Promise<void>;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/**
 * The `Forge` port, and what GitHub offers beyond it.
 * @throws MillraceError as the methods of `Forge`.
 */
export interface GitHubForge extends Forge {
  /** Writes a comment on a pull request, once per key. Returns the comment's address. */
  comment(repository: RepositoryRef, pullRequest: PullRequestRef, comment: Comment): Promise<string>;
  /** Deletes a branch. A branch that is already gone is a success. */
  deleteBranch(repository: RepositoryRef, branch: string): Promise<void>;
  /** The repository's default branch. `id` is `owner/name`. */
  defaultBranch(id: string): Promise<string>;
  /** Drops the prefetched results of batch queries. Call it on a hint, such as a webhook, that something changed. */
  expire(): void;
  /**
   * Address for git with a credential in it; that of an App expires after one hour. Never log it or leave it in a
   * clone.
   */
  cloneUrl(repository: RepositoryRef): Promise<string>;
}

/**
 * Creates the GitHub forge. A repository's id is `owner/name`.
 *
 * Reads are conditional requests and are retried. Writes are sent once; when an answer was lost, the next call finds
 * the effect. While a rate limit is used up, every call rejects with `rate_limited` without being sent; during an
 * outage, with `forge_down`. Both carry `details.resetAt` (epoch ms), until which the engine pauses the run.
 * @throws MillraceError `config_invalid` for invalid options.
 */
export function createGitHubForge(options: GitHubForgeOptions): GitHubForge {
  const { clock, log } = options;
  const { installations, settings } = connect(options);
  const rulesOf = createRulesCache(clock, settings.rulesMaxAgeMs);
  const pollUntil = createPollUntil(options.wait, settings.pollMs);
  const queue = createKeyedQueue();
  const cache = new ReadCache(clock, settings.batchMaxAgeMs);
  const digests = new LruCache<Digest>(MAX_DIGESTS);
  const batches = new Map<GitHubClient, StatusBatch>();
  const batchOf = (client: GitHubClient): StatusBatch => {
    const known =
      batches.get(client) ?? new StatusBatch(client, { clock, threshold: settings.batchThreshold, maxAgeMs: settings.batchMaxAgeMs });
    batches.set(client, known);
    return known;
  };
  const open = (ref: RepositoryRef) => openRepository(installations, ref);
  return {
    name: "github",
    findPullRequest: async (repository, branch) => findOpen(await open(repository), branch),
    findMerged: async (repository, branch) => findMerged(await open(repository), branch),
    openPullRequest: async (repository, request) => {
      const opened = await open(repository);
      return queue.run(`open ${repository.id} ${request.branch}`, () => openPull(opened, request, pollUntil));
    },
    async read(repository, { id, number }) {
      const opened = await open(repository);
      return cache.state(id, await batchOf(opened.client).poll(id), async () => readState(opened, number, await rulesOf(opened)));
    },
    async checks(repository, head) {
      const opened = await open(repository);
      const reported = await cache.checks(head, () => readChecks(opened, head));
      return withExpected(newestChecks(reported), await requiredWithStatuses(opened, head, reported, await rulesOf(opened)));
    },
    async diffDigest(repository, range) {
      const name = `${repository.id} ${range.base} ${range.head}`;
      const known = digests.get(name);
      if (known !== null) return known;
      const digest = await readDiffDigest(await open(repository), range);
      if (digest !== null) digests.set(name, digest);
      return digest;
    },
    async defaultBranch(id) {
      const opened = await open({ forge: "github", id, base: "" });
      const { client, owner, repo } = opened;
      return expectOk(opened, await client.get("GET /repos/{owner}/{repo}", { owner, repo }, repositorySchema), "read the repository")
        .default_branch;
    },
    expire: () => [...batches.values()].forEach((batch) => batch.expire()),
    updateBranch: async (repository, pullRequest, head) => updateBranch(await open(repository), pullRequest, head, pollUntil),
    async merge(repository, { number, branch }, expected, message, askedAt = clock.now()) {
      const opened = await open(repository);
      const request = { number, branch, expected, message, method: settings.mergeMethod, askedAt };
      // One merge at a time per base: of two pull requests that were checked against the same base, only one can be
      // merged onto it.
      const result = await queue.run(`merge ${repository.id} ${repository.base}`, async () =>
        mergePull(opened, request, await rulesOf(opened), pollUntil),
      );
      if (result.is === "merged" && settings.deleteMergedBranches)
        await deleteBranch(opened, branch).catch((error: unknown) =>
          log.warn("branch-not-deleted", { repository: repository.id, branch, code: isMillraceError(error) ? error.code : "internal" }),
        );
      return result;
    },
    async withdraw(repository, { number }) {
      const opened = await open(repository);
      return queue.run(`merge ${repository.id} ${repository.base}`, () => leaveMergeQueue(opened, number));
    },
    comment: async (repository, { number }, text) => {
      const opened = await open(repository);
      return queue.run(`comment ${repository.id}#${String(number)} ${text.key}`, () => comment(opened, number, text));
    },
    deleteBranch: async (repository, branch) => deleteBranch(await open(repository), branch),
    async cloneUrl(repository) {
      const { owner, repo } = splitName(repository.id);
      const { client } = await open(repository);
      const url = new URL(`${settings.webUrl.replace(/\/+$/, "")}/${owner}/${repo}.git`);
      url.username = "x-access-token";
      url.password = await client.token();
      return url.href;
    },
  };
}

const MAX_DIGESTS = 2000;
const repositorySchema = z.object({ default_branch: z.string().min(1) });

/**
 * Validates the options and creates the clients.
 * @throws MillraceError `config_invalid`.
 */
export function connect(options: Pick<GitHubForgeOptions, "auth" | "settings" | "clock" | "fetch" | "wait">): {
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
    throttleWrites: settings.throttleWrites,
    timeoutMs: settings.timeoutMs,
    wait: options.wait,
    pollMs: settings.pollMs,
  });
  return { installations, settings };
}

async function deleteBranch(repository: OpenRepository, branch: string): Promise<void> {
  const { client, owner, repo } = repository;
  const answer = await client.send("DELETE /repos/{owner}/{repo}/git/refs/{ref}", { owner, repo, ref: `heads/${branch}` }, z.unknown());
  // GitHub answers 404 or 422 if there is no such branch.
  if (answer.is === "refused" && answer.status !== 404 && answer.status !== 422)
    expectOk(repository, answer, `delete the branch '${branch}'`);
}

/** Parses options. The error names the wrong setting but not its value, which may be a secret. */
function valid<S extends z.ZodType>(schema: S, given: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path, code }) => `${path.join(".") || what} (${code})`).join(", ");
  throw new MillraceError("config_invalid", `the ${what} of the GitHub forge cannot be used: ${where}`, {
    fix: "Correct what is named in the message.",
  });
}
