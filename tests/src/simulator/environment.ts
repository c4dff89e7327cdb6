/** Environment of a simulation: one repository with its checks, and what happens there without the engine. */
import type { CommitSha, PullRequestRef, RepositoryRef } from "@millrace/contracts";
import { createMemoryForge, type MemoryForge } from "@millrace/testing";
import { taskBranch } from "@millrace/kernel";
import { SimulatedCi } from "./ci.js";
import { isGood } from "./good-tree.logic.js";
import { Witness } from "./good-work/witness.js";
import { SettingsInForce } from "./settings-in-force.js";
import type { Random } from "./random.logic.js";

const EVENTS = {
  "push-good": 2,
  "push-bad": 1,
  "force-push": 1,
  "base-moves": 4,
  "base-breaks-combination": 1,
  "base-conflicts": 1,
  "checks-register": 3,
  "checks-finish": 6,
  "checks-flake": 2,
  "pull-request-closed": 0.2,
  "merged-by-hand": 0.8,
} as const;
export type EnvironmentEvent = keyof typeof EVENTS;

export class Environment {
  readonly forge: MemoryForge;
  readonly repository: RepositoryRef;
  readonly ci: SimulatedCi;
  readonly witness = new Witness();
  /** Names of the checks that the forge requires of a merge. */
  readonly rules = new SettingsInForce<readonly string[]>([]);
  /** Ids of the tasks' blocks, whose branches other people change. */
  readonly blocks: string[] = [];
  /** Commits that people merged themselves, by the branch they merged. */
  readonly byHand: { readonly branch: string; readonly commit: CommitSha }[] = [];
  readonly #random: Random;
  readonly #closed: PullRequestRef[] = [];
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
    this.forge = createMemoryForge();
    this.ci = new SimulatedCi(random);
    this.repository = this.forge.createRepository("sample", { readme: "sample", rule: "all welcome", shared: "first" });
    this.forge.judgeWith((head, tree) => this.ci.checks(head, tree));
  }

  /** Makes one random change by other people. */
  async happen(): Promise<EnvironmentEvent> {
    const event = this.#random.weighted<EnvironmentEvent>(EVENTS);
    const branch = taskBranch({ id: this.#random.pick(this.blocks) });
    const head = this.forge.head(this.repository, branch);
    this.#count += 1;
    if (event.startsWith("base-")) this.#moveBase(event);
    else if (head !== null) await this.#meddle(event, branch, head);
    return event;
  }

  /** The rules of the base change. */
  async require(names: readonly string[]): Promise<void> {
    if (names.includes("lint")) this.ci.addLint();
    this.rules.changed(names);
    await this.forge.outsiders(this.repository).requireChecks(this.repository.base, names);
  }

  /** Whether the forge cannot say of a head what a gate asks: its checks are not there yet, or its mergeability is not known. */
  isUndecided(head: CommitSha): boolean {
    const isAsked = this.rules.current.some((name) => name !== "test" && name !== "lint");
    // A branch that was set back to its base has nothing on it to be checked.
    const isEmpty = head === this.forge.head(this.repository, this.repository.base);
    return isAsked || isEmpty || !this.ci.isDecided(head) || this.witness.isUnknown(head);
  }

  /** Commits that landed of a task, whoever merged them. */
  landedOf(blockId: string): readonly CommitSha[] {
    const branch = taskBranch({ id: blockId });
    return [...this.forge.landed, ...this.byHand].filter((one) => one.branch === branch).map(({ commit }) => commit);
  }

  #moveBase(event: EnvironmentEvent): void {
    const files =
      event === "base-moves"
        ? { [`base${this.#random.below(5)}`]: `good ${this.#count}` }
        : event === "base-conflicts"
          ? { shared: `theirs ${this.#count}` }
          : { rule: "no features" };
    this.forge.push(this.repository, "main", files);
    this.witness.baseMoves += 1;
  }

  async #meddle(event: EnvironmentEvent, branch: string, head: CommitSha): Promise<void> {
    if (["push-good", "push-bad", "force-push"].includes(event)) this.witness.pushed(branch);
    if (event === "push-good") this.forge.push(this.repository, branch, { outside: `good ${this.#count}` });
    if (event === "push-bad") this.forge.push(this.repository, branch, { outside: `bad ${this.#count}` });
    if (event === "force-push") {
      const [parent] = this.forge.graph.get(head).parents;
      if (parent !== undefined) this.forge.pointBranch(this.repository, branch, parent);
    }
    if (event === "checks-register") this.ci.move(head, "registered");
    if (event === "checks-finish") this.ci.move(head, "finished");
    if (event === "checks-flake") this.ci.move(head, "flaked");
    if (event !== "pull-request-closed" && event !== "merged-by-hand") return;
    const open = await this.forge.findPullRequest(this.repository, branch);
    if (open === null) return;
    if (event === "pull-request-closed") this.#close(open);
    else await this.mergeByHand(open, "merge");
  }

  /** Opens the pull request of a branch again that was closed last. False: there is none, or another one is open. */
  async reopen(branch: string): Promise<boolean> {
    const last = this.#closed.findLast((one) => one.branch === branch);
    if (last === undefined || (await this.forge.findPullRequest(this.repository, branch)) !== null) return false;
    this.#closed.splice(this.#closed.indexOf(last), 1);
    await this.forge.outsiders(this.repository).reopen(last.number);
    return true;
  }

  /**
   * A person merges what a forge lets them: a change that does not conflict. A bad one would keep every other task from its green check.
   * False: it was not.
   */
  async mergeByHand(pullRequest: PullRequestRef, how: "merge" | "squash" | "fast-forward"): Promise<boolean> {
    // A forge that does not show the pull request lets nobody merge it.
    const read = await this.forge.read(this.repository, pullRequest).catch(() => null);
    if (read === null) return false;
    const { head, baseHead, mergeability, state } = read;
    if (state !== "open" || mergeability !== "clean" || !isGood(this.forge.graph.get(head).tree)) return false;
    if (how === "fast-forward" && !this.forge.graph.contains(head, baseHead)) return false;
    const commit = await this.forge.outsiders(this.repository).mergeByHand(pullRequest.number, how);
    this.byHand.push({ branch: pullRequest.branch, commit });
    this.witness.baseMoves += 1;
    return true;
  }

  #close(pullRequest: PullRequestRef): void {
    this.forge.closePullRequest(this.repository, pullRequest.number);
    this.#closed.push(pullRequest);
    this.witness.closed.set(pullRequest.number, pullRequest.branch);
  }
}
