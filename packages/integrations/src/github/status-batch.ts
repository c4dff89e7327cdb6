/**
 * What may have changed, asked for many pull requests in one query. Owns: who is looked at how often, and what the last queries said.
 * Does not own: what a pull request or its checks are; those are read by REST, and only a reading that fits is kept (`read-cache.ts`).
 * 1. What an asker gets was sent for at most `forMs` before it asked, after the last write of this client, and is given out once.
 * 2. A query asks for the pull request that is wanted now and for those that are likely to be within `forMs`.
 * 3. Without GraphQL (refused, or its limit used up) there are no standings; everything is then read as if there were none.
 */
import type { CommitSha } from "@millrace/contracts";
import { commitShaSchema } from "@millrace/contracts";
import type { Clock } from "@millrace/kernel";
import { isMillraceError } from "@millrace/kernel";
import { z } from "zod";
import { wordOf } from "./checks.logic.js";
import type { GitHubClient } from "./client.js";
import { Recent } from "./lru-cache.js";
import { STANDINGS } from "./graphql-texts.js";

/** What one query said of one pull request. */
export interface Standing {
  /** Epoch ms at which the query was sent. */
  readonly sentAt: number;
  readonly head: CommitSha;
  readonly base: CommitSha;
  /** Everything a reading of the pull request follows from. */
  readonly print: string;
  /** What is said of each check of the head, by its id; null when there are more than fit. */
  readonly checks: ReadonlyMap<string, string> | null;
}

export interface StandingsOptions {
  readonly clock: Clock;
  readonly from: number;
  readonly forMs: number;
}

interface Asked {
  readonly at: number;
  /** When it is expected to be asked for next; null after the first time. */
  readonly next: number | null;
  /** Of a query that was sent ahead for it. */
  answer: { readonly sentAt: number; readonly writes: number; readonly standings: Promise<ReadonlyMap<string, Standing>> } | null;
}

const KNOWN = 2000;
/** Pull requests that were not asked for so long are nobody's business any more. */
const IDLE_MS = 5 * 60_000;
/** One that was expected, and is so late, is not expected any more: its run went on. */
const LATE_MS = 30_000;
/** Pull requests in one query: with 100 checks each it costs one point, and is answered well within GitHub's ten seconds. */
const PER_QUERY = 50;
/** After a refusal it is not tried again for so long; after a failure for a shorter time; a limit says its own. */
const REFUSED_MS = 10 * 60_000;
const FAILED_MS = 60_000;

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
  headRefOid: commitShaSchema,
  baseRef: z.object({ target: oidSchema }),
  headRef: z.object({ target: oidSchema.extend({ statusCheckRollup: rollupSchema.nullable() }) }),
});
/** What is no pull request (any more), or has lost a branch, has no standing. */
const answerSchema = z.object({ nodes: z.array(pullSchema.nullable().catch(null)) });

/** Of one client: what it may see is what it asks for. */
export class Standings {
  readonly #client: GitHubClient;
  readonly #clock: Clock;
  readonly #options: StandingsOptions;
  readonly #asked = new Recent<Asked>(KNOWN);
  #restsUntil = 0;

  constructor(client: GitHubClient, options: StandingsOptions) {
    this.#client = client;
    this.#clock = options.clock;
    this.#options = options;
  }

  /** Null where there is none; then everything is to be read. @throws MillraceError as every read. */
  async of(pullRequest: string): Promise<Standing | null> {
    const now = this.#clock.now();
    const before = this.#asked.get(pullRequest);
    this.#asked.put(pullRequest, { at: now, next: before === null ? null : now + (now - before.at), answer: null });
    this.#forgetIdle(now);
    const fresh = before === null ? null : this.#fresh(before, now);
    if (fresh !== null) return (await fresh).get(pullRequest) ?? null;
    if (now < this.#restsUntil || this.#asked.size < this.#options.from) return null;
    return (await this.#ask(pullRequest, now)).get(pullRequest) ?? null;
  }

  /** Nothing that was asked for until now is given out: somebody said that it changed. */
  expire(): void {
    for (const [, asked] of this.#asked.entries()) asked.answer = null;
  }

  #fresh({ answer }: Asked, now: number): Promise<ReadonlyMap<string, Standing>> | null {
    if (answer === null || answer.writes !== this.#client.writes || now - answer.sentAt > this.#options.forMs) return null;
    return answer.standings;
  }

  #ask(wanted: string, now: number): Promise<ReadonlyMap<string, Standing>> {
    const others = this.#asked
      .entries()
      .flatMap(([id, asked]) =>
        asked.next === null || id === wanted || this.#fresh(asked, now) !== null ? [] : [{ id, asked, next: asked.next }],
      )
      .filter(({ next }) => next >= now - LATE_MS && next <= now + this.#options.forMs)
      .toSorted((one, other) => one.next - other.next)
      .slice(0, PER_QUERY - 1);
    const standings = this.#query([wanted, ...others.map(({ id }) => id)], now);
    // Whoever asks first sees the failure; the others find out by themselves.
    standings.catch(() => this.expire());
    const answer = { sentAt: now, writes: this.#client.writes, standings };
    for (const { asked } of others) asked.answer = answer;
    return standings;
  }

  async #query(ids: readonly string[], sentAt: number): Promise<ReadonlyMap<string, Standing>> {
    const now = this.#clock.now();
    const said = await this.#client.query(STANDINGS, { ids }, answerSchema).then(
      (answer) => (answer.is === "ok" ? answer.value.nodes.flatMap((node) => node ?? []) : now + REFUSED_MS),
      (error: unknown) => {
        // What is read one by one has a limit of its own, and may well be answered.
        if (isMillraceError(error, "rate_limited")) return Number(error.details["resetAt"] ?? now + REFUSED_MS);
        if (isMillraceError(error, "forge_failed")) return now + FAILED_MS;
        throw error;
      },
    );
    if (typeof said !== "number") return new Map(said.map((node) => [node.id, standingOf(node, sentAt)]));
    this.#restsUntil = said;
    return new Map();
  }

  /** The one that was asked for longest ago comes first. */
  #forgetIdle(now: number): void {
    for (const [id, { at }] of this.#asked.entries()) {
      if (now - at < IDLE_MS) return;
      this.#asked.delete(id);
    }
  }
}

function standingOf({ state, mergeable, headRefOid, baseRef, headRef }: z.infer<typeof pullSchema>, sentAt: number): Standing {
  const [head, base] = [headRef.target.oid, baseRef.target.oid];
  return {
    sentAt,
    head,
    base,
    print: [state, mergeable, headRefOid, head, base].join(" "),
    checks: checksOf(headRef.target.statusCheckRollup?.contexts ?? { totalCount: 0, nodes: [] }),
  };
}

function checksOf({ totalCount, nodes }: z.infer<typeof rollupSchema>["contexts"]): ReadonlyMap<string, string> | null {
  if (totalCount > nodes.length) return null;
  return new Map(
    nodes.flatMap((one): (readonly [string, string])[] => {
      if (one.__typename === "CheckRun") return [[one.id, wordOf(one.status, one.conclusion)]];
      // What the base asks for and nobody has reported: the rules say the same.
      return one.state === "EXPECTED" ? [] : [[one.id, wordOf(one.state, null)]];
    }),
  );
}
