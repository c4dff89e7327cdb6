/**
 * Readings of pull requests and checks that are kept while one query for many says that nothing changed (`status-batch.ts`).
 * 1. A reading is kept only when it says the same as the standing it was read after: what GitHub's one side shows later than its
 *    other is read again.
 * 2. It is used only under the same standing, and for ten minutes at most.
 */
import type { CommitSha } from "@millrace/contracts";
import type { Clock, PullRequestState } from "@millrace/kernel";
import type { Reported } from "./checks.logic.js";
import { Recent } from "./lru-cache.js";
import type { Standing } from "./status-batch.js";

const KEPT = 2000;
const TRUSTED_MS = 10 * 60_000;

interface Kept<T> {
  readonly value: T;
  readonly at: number;
  /** The standing it was read after. */
  readonly print: string;
}

export class Watched {
  readonly #clock: Clock;
  readonly #states = new Recent<Kept<PullRequestState>>(KEPT);
  readonly #checks = new Recent<Kept<readonly Reported[]>>(KEPT);
  /** What was last given out about a head: who has read a pull request asks for its checks next. */
  readonly #heads = new Recent<Standing>(KEPT);
  readonly #forMs: number;

  /** A standing serves checks for `forMs` from when it was sent. */
  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  async state(pullRequest: string, standing: Standing | null, read: () => Promise<PullRequestState>): Promise<PullRequestState> {
    const now = this.#clock.now();
    if (standing !== null) this.#heads.put(standing.head, standing);
    const kept = this.#states.get(pullRequest);
    if (kept !== null && kept.print === standing?.print && now - kept.at < TRUSTED_MS) return kept.value;
    this.#states.delete(pullRequest);
    const state = await read();

    if (standing !== null && fits(state, standing)) this.#states.put(pullRequest, { value: state, at: now, print: standing.print });
    return state;
  }

  async checks(head: CommitSha, read: () => Promise<readonly Reported[]>): Promise<readonly Reported[]> {
    const now = this.#clock.now();
    const given = this.#heads.get(head);
    // Once: whoever asks again wants to know what is now.
    this.#heads.delete(head);
    const standing = given !== null && now - given.sentAt <= this.#forMs ? given : null;
    const kept = this.#checks.get(head);
    const print = standing === null ? null : printOf(standing);
    if (kept !== null && print !== null && kept.print === print && now - kept.at < TRUSTED_MS) return kept.value;
    this.#checks.delete(head);
    const reported = await read();
    if (print !== null && standing !== null && says(standing, reported)) this.#checks.put(head, { value: reported, at: now, print });
    return reported;
  }
}

/** Only an open pull request whose mergeability is known: whatever else there is to see comes without a change to be told. */
function fits(state: PullRequestState, { head, base }: Standing): boolean {
  return state.state === "open" && state.mergeability !== "unknown" && state.head === head && state.baseHead === base;
}

function says({ checks }: Standing, reported: readonly Reported[]): boolean {
  return checks !== null && checks.size === reported.length && reported.every(({ id, word }) => checks.get(id) === word);
}

/** Null where they did not fit into the answer. */
function printOf({ checks }: Standing): string | null {
  if (checks === null) return null;
  return [...checks]
    .map(([id, word]) => `${id} ${word}`)
    .toSorted()
    .join("\n");
}
