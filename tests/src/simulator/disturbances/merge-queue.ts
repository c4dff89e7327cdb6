/** The forge's own merge queue: what is in it, and how it lands or takes out one after the other. */
import type { CommitSha, PullRequestRef } from "@millrace/contracts";
import type { Environment } from "../environment.js";

export class MergeQueue {
  readonly #environment: Environment;
  readonly #entries = new Map<number, { readonly pullRequest: PullRequestRef; readonly head: CommitSha }>();
  #isUsed = false;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get isUsed(): boolean {
    return this.#isUsed;
  }

  get hasEntries(): boolean {
    return this.#entries.size > 0;
  }

  /** The base takes changes through it from now on, or no longer: what is in it is out then. */
  async use(isUsed: boolean): Promise<void> {
    const { forge, repository } = this.#environment;
    this.#isUsed = isUsed;
    await forge.outsiders(repository).useQueue(repository.base, isUsed);
    if (!isUsed) this.#entries.clear();
  }

  enter(pullRequest: PullRequestRef, head: CommitSha): void {
    if (!this.#entries.has(pullRequest.number)) this.#entries.set(pullRequest.number, { pullRequest, head });
  }

  leave(number: number): void {
    this.#entries.delete(number);
  }

  /** Its first entry lands if it is good, and is taken out if it is not, or if `isUnlucky`. False: there is none. */
  async handle(isUnlucky: boolean): Promise<"landed" | "taken out" | null> {
    const [entry] = this.#entries.values();
    if (entry === undefined) return null;
    const { forge, repository, ci, witness } = this.#environment;
    const { number } = entry.pullRequest;
    this.#entries.delete(number);
    const head = forge.head(repository, entry.pullRequest.branch);
    const base = forge.head(repository, repository.base);
    const merge = head === null || base === null ? null : forge.graph.merge(base, head);
    const { state, base: into } = await forge.read(repository, entry.pullRequest).catch(() => ({ state: "hidden", base: "" }));
    const isThere = state === "open" && into === repository.base && head === entry.head;
    const outsiders = forge.outsiders(repository);
    if (isThere && !isUnlucky && merge !== null && "tree" in merge && ci.testInQueue(merge.tree)) {
      await outsiders.landQueued(number);
      witness.baseMoves += 1;
      return "landed";
    }
    if (isThere) witness.dropped.add(number);
    await outsiders.dropQueued(number, isThere ? "its checks failed" : "it has changed");
    return "taken out";
  }
}
