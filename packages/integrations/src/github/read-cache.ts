/**
 * Read-through cache of pull requests and checks, validated by the status of a batch query (`status-batch.ts`).
 * 1. A read is cached only if it agrees with the status that was fetched before it. Where GitHub's REST and GraphQL
 *    answers differ, because one of them lags, the next call reads again.
 * 2. A cached read is used only while the status is unchanged, and for ten minutes at most.
 */
import type { CommitSha } from "@millrace/contracts";
import { hasPassed, type Clock, type PullRequestState } from "@millrace/kernel";
import type { ReportedCheck } from "./checks.logic.js";
import { LruCache } from "./lru-cache.js";
import type { PullRequestStatus } from "./status-batch.js";

const MAX_ENTRIES = 2000;
const MAX_AGE_MS = 10 * 60_000;

interface CachedRead<T> {
  readonly value: T;
  /** Epoch ms at which the read began. */
  readonly readAt: number;
  /** Fingerprint of the status that was fetched before the read. */
  readonly fingerprint: string;
}

export class ReadCache {
  readonly #clock: Clock;
  readonly #states = new LruCache<CachedRead<PullRequestState>>(MAX_ENTRIES);
  readonly #checks = new LruCache<CachedRead<readonly ReportedCheck[]>>(MAX_ENTRIES);
  /** Latest status by head: a gate reads the pull request first and the checks of its head right after. */
  readonly #statuses = new LruCache<PullRequestStatus>(MAX_ENTRIES);
  readonly #maxAgeMs: number;

  /** `maxAgeMs`: how long after its query was sent a status may validate cached checks. */
  constructor(clock: Clock, maxAgeMs: number) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  /** The pull request (by node id): cached if `status` allows it, else from `read`. */
  async state(pullRequest: string, status: PullRequestStatus | null, read: () => Promise<PullRequestState>): Promise<PullRequestState> {
    const now = this.#clock.now();
    if (status !== null) this.#statuses.set(status.head, status);
    const cached = this.#states.get(pullRequest);
    if (cached !== null && cached.fingerprint === status?.fingerprint && !hasPassed(cached.readAt + MAX_AGE_MS, now, MAX_AGE_MS))
      return cached.value;
    this.#states.delete(pullRequest);
    const state = await read();
    if (status !== null && isCacheable(state, status))
      this.#states.set(pullRequest, { value: state, readAt: now, fingerprint: status.fingerprint });
    return state;
  }

  /** The checks of a commit: cached if the latest status of that head allows it, else from `read`. */
  async checks(head: CommitSha, read: () => Promise<readonly ReportedCheck[]>): Promise<readonly ReportedCheck[]> {
    const now = this.#clock.now();
    const latest = this.#statuses.get(head);
    // A status serves one call: a second call without a new status wants the current checks.
    this.#statuses.delete(head);
    const status = latest !== null && !hasPassed(latest.sentAt + this.#maxAgeMs + 1, now, this.#maxAgeMs + 1) ? latest : null;
    const cached = this.#checks.get(head);
    const fingerprint = status === null ? null : checksFingerprint(status);
    if (
      cached !== null &&
      fingerprint !== null &&
      cached.fingerprint === fingerprint &&
      !hasPassed(cached.readAt + MAX_AGE_MS, now, MAX_AGE_MS)
    )
      return cached.value;
    this.#checks.delete(head);
    const reported = await read();
    if (fingerprint !== null && status !== null && hasSameChecks(status, reported))
      this.#checks.set(head, { value: reported, readAt: now, fingerprint });
    return reported;
  }
}

/** Only open pull requests with known mergeability: other transitions are not visible in the batch query. */
function isCacheable(state: PullRequestState, { head, base }: PullRequestStatus): boolean {
  return state.state === "open" && state.mergeability !== "unknown" && state.head === head && state.baseHead === base;
}

function hasSameChecks({ checks }: PullRequestStatus, reported: readonly ReportedCheck[]): boolean {
  return checks !== null && checks.size === reported.length && reported.every(({ id, state }) => checks.get(id) === state);
}

/** Null if the head has more checks than the batch query returns. */
function checksFingerprint({ checks }: PullRequestStatus): string | null {
  if (checks === null) return null;
  return [...checks]
    .map(([id, state]) => `${id} ${state}`)
    .toSorted()
    .join("\n");
}
