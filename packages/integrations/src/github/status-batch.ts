/**
 * Batched status poll: one GraphQL query fetches the status of many pull requests, so that only changed ones are read
 * by REST. Owns: how often each pull request is polled, and the latest query results. Does not own: pull requests and
 * checks themselves; those are read by REST and cached by `read-cache.ts`.
 * 1. A prefetched status is used once, only if its query was sent at most `maxAgeMs` ago and after this client's last
 *    write.
 * 2. A query asks for the pull request that is polled now and for those expected to be polled within `maxAgeMs`.
 * 3. Without GraphQL (refused, or its limit used up) every status is null, and everything is read by REST.
 */
import type { CommitSha } from "@millrace/contracts";
import { commitShaSchema } from "@millrace/contracts";
import type { Clock } from "@millrace/kernel";
import { hasPassed, isMillraceError } from "@millrace/kernel";
import { z } from "zod";
import { checkStateOf } from "./checks.logic.js";
import type { GitHubClient } from "./client.js";
import { LruCache } from "./lru-cache.js";
import { PULL_REQUEST_STATUSES } from "./graphql-texts.js";

/** One pull request in the answer of a batch query. Enough to detect a change; a gate never decides on it. */
export interface PullRequestStatus {
  /** Epoch ms at which the query was sent. */
  readonly sentAt: number;
  readonly head: CommitSha;
  readonly base: CommitSha;
  /**
   * State, mergeability, and the names and tips of both branches: while it is the same, a REST read of the pull request would be the same.
   */
  readonly fingerprint: string;
  /** State of each check of the head by GitHub's node id; null if there are more than the query returns (100). */
  readonly checks: ReadonlyMap<string, string> | null;
}

export interface StatusBatchOptions {
  readonly clock: Clock;
  /** Polled pull requests from which on the batch query is used. */
  readonly threshold: number;
  readonly maxAgeMs: number;
}

interface PolledPull {
  /** Epoch ms of the last poll. */
  readonly polledAt: number;
  /** Epoch ms of the next poll if it keeps its interval; null after the first poll. */
  readonly expectedAt: number | null;
  /** Batch query of another pull request that included this one. */
  prefetched: Prefetch | null;
}

interface Prefetch {
  readonly sentAt: number;
  /** `GitHubClient.writes` when the query was sent. */
  readonly writes: number;
  readonly statuses: Promise<ReadonlyMap<string, PullRequestStatus>>;
}

const MAX_POLLED = 2000;
/** A pull request that was not polled for this long is forgotten. */
const IDLE_MS = 5 * 60_000;
/** An expected poll that is later than this is not expected any more: its run has moved on. */
const LATE_MS = 30_000;
/**
 * Pull requests in one query. With 100 checks each it costs one point, and stays well below GitHub's limit of ten
 * seconds.
 */
const BATCH_SIZE = 50;
/** Pause of batch queries after GitHub refused one. A used-up limit names its own end. */
const REFUSED_PAUSE_MS = 10 * 60_000;
const FAILED_PAUSE_MS = 60_000;

const oidSchema = z.object({ oid: commitShaSchema });
const contextSchema = z.union([
  z.object({ __typename: z.literal("CheckRun"), id: z.string(), status: z.string(), conclusion: z.string().nullable() }),
  z.object({ __typename: z.literal("StatusContext"), id: z.string(), state: z.string() }),
]);
const rollupSchema = z.object({ contexts: z.object({ totalCount: z.number().int(), nodes: z.array(contextSchema) }) });
const pullSchema = z.object({
  id: z.string(),
  state: z.string(),
  mergeable: z.string(),
  headRefName: z.string(),
  headRefOid: commitShaSchema,
  baseRefName: z.string(),
  baseRef: z.object({ target: oidSchema }),
  headRef: z.object({ target: oidSchema.extend({ statusCheckRollup: rollupSchema.nullable() }) }),
});
/** A node that is not a pull request, or that lost one of its branches, has no status. */
const answerSchema = z.object({ nodes: z.array(pullSchema.nullable().catch(null)) });

/** One instance per client: two installations must not share results, because they may see different repositories. */
export class StatusBatch {
  readonly #client: GitHubClient;
  readonly #clock: Clock;
  readonly #options: StatusBatchOptions;
  readonly #polled = new LruCache<PolledPull>(MAX_POLLED);
  /** Epoch ms until which no batch query is sent. */
  #pausedUntil = 0;

  constructor(client: GitHubClient, options: StatusBatchOptions) {
    this.#client = client;
    this.#clock = options.clock;
    this.#options = options;
  }

  /**
   * Records a poll of the pull request (by node id) and returns its current status. Null: read it by REST.
   * @throws MillraceError as every read of `GitHubClient`.
   */
  async poll(pullRequest: string): Promise<PullRequestStatus | null> {
    const now = this.#clock.now();
    const before = this.#polled.get(pullRequest);
    this.#polled.set(pullRequest, {
      polledAt: now,
      expectedAt: before === null ? null : now + (now - before.polledAt),
      prefetched: null,
    });
    this.#forgetIdle(now);
    const fresh = before === null ? null : this.#fresh(before, now);
    if (fresh !== null) return (await fresh).get(pullRequest) ?? null;
    if (now < this.#pausedUntil || this.#polled.size < this.#options.threshold) return null;
    return (await this.#fetch(pullRequest, now)).get(pullRequest) ?? null;
  }

  /** Drops every prefetched status. Call on a hint that something changed. */
  expire(): void {
    for (const [, polled] of this.#polled.entries()) polled.prefetched = null;
  }

  #fresh({ prefetched }: PolledPull, now: number): Promise<ReadonlyMap<string, PullRequestStatus>> | null {
    if (prefetched === null || prefetched.writes !== this.#client.writes) return null;
    return hasPassed(prefetched.sentAt + this.#options.maxAgeMs + 1, now, this.#options.maxAgeMs + 1) ? null : prefetched.statuses;
  }

  #fetch(wanted: string, now: number): Promise<ReadonlyMap<string, PullRequestStatus>> {
    const others = this.#polled
      .entries()
      .flatMap(([id, polled]) =>
        polled.expectedAt === null || id === wanted || this.#fresh(polled, now) !== null
          ? []
          : [{ id, polled, expectedAt: polled.expectedAt }],
      )
      .filter(({ expectedAt }) => expectedAt >= now - LATE_MS && expectedAt <= now + this.#options.maxAgeMs)
      .toSorted((one, other) => one.expectedAt - other.expectedAt)
      .slice(0, BATCH_SIZE - 1);
    const statuses = this.#query([wanted, ...others.map(({ id }) => id)], now);
    // The caller of this poll gets the failure; the other pull requests send a query of their own.
    statuses.catch(() => this.expire());
    const prefetched = { sentAt: now, writes: this.#client.writes, statuses };
    for (const { polled } of others) polled.prefetched = prefetched;
    return statuses;
  }

  async #query(ids: readonly string[], sentAt: number): Promise<ReadonlyMap<string, PullRequestStatus>> {
    const now = this.#clock.now();
    const result = await this.#client.query(PULL_REQUEST_STATUSES, { ids }, answerSchema).then(
      (answer) => (answer.is === "ok" ? answer.value.nodes.flatMap((node) => node ?? []) : now + REFUSED_PAUSE_MS),
      (error: unknown) => {
        // REST has a limit of its own and may well be available.
        if (isMillraceError(error, "rate_limited")) return Number(error.details["resetAt"] ?? now + REFUSED_PAUSE_MS);
        if (isMillraceError(error, "forge_failed")) return now + FAILED_PAUSE_MS;
        throw error;
      },
    );
    if (typeof result !== "number") return new Map(result.map((node) => [node.id, statusOf(node, sentAt)]));
    this.#pausedUntil = result;
    return new Map();
  }

  /** The cache is in order of polling, so the first entry that is not idle ends the search. */
  #forgetIdle(now: number): void {
    for (const [id, { polledAt }] of this.#polled.entries()) {
      if (now - polledAt < IDLE_MS) return;
      this.#polled.delete(id);
    }
  }
}

function statusOf(pull: z.infer<typeof pullSchema>, sentAt: number): PullRequestStatus {
  const { state, mergeable, headRefName, headRefOid, baseRefName, baseRef, headRef } = pull;
  const [head, base] = [headRef.target.oid, baseRef.target.oid];
  return {
    sentAt,
    head,
    base,
    fingerprint: [state, mergeable, headRefName, headRefOid, head, baseRefName, base].join(" "),
    checks: checksOf(headRef.target.statusCheckRollup?.contexts ?? { totalCount: 0, nodes: [] }),
  };
}

function checksOf({ totalCount, nodes }: z.infer<typeof rollupSchema>["contexts"]): ReadonlyMap<string, string> | null {
  if (totalCount > nodes.length) return null;
  return new Map(
    nodes.flatMap((one): (readonly [string, string])[] => {
      if (one.__typename === "CheckRun") return [[one.id, checkStateOf(one.status, one.conclusion)]];
      // EXPECTED: required by the base and not reported yet. `rules.ts` adds these to the checks.
      return one.state === "EXPECTED" ? [] : [[one.id, checkStateOf(one.state, null)]];
    }),
  );
}
