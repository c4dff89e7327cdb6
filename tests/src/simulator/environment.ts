/** Environment of a simulation: one repository with its checks, and what happens there without the engine. */
import type { CommitSha, PullRequestRef, RepositoryRef } from "@millrace/contracts";
import { createMemoryForge, type MemoryForge } from "@millrace/testing";
import { taskBranch } from "@millrace/kernel";
import { isGood, SimulatedCi } from "./ci.js";
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
  /** Ids of the tasks' blocks, whose branches other people change. */
  readonly blocks: string[] = [];
  /** Commits that people merged themselves, by the branch they merged. */
  readonly byHand: { readonly branch: string; readonly commit: CommitSha }[] = [];
  readonly #random: Random;
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
  }

  async #meddle(event: EnvironmentEvent, branch: string, head: CommitSha): Promise<void> {
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
    if (event === "pull-request-closed") this.forge.closePullRequest(this.repository, open.number);
    else await this.#merge(open);
  }

  /** A person merges what a forge lets them: a change that does not conflict. A bad one would keep every other task from its green check. */
  async #merge(pullRequest: PullRequestRef): Promise<void> {
    const { head, mergeability } = await this.forge.read(this.repository, pullRequest);
    if (mergeability !== "clean" || !isGood(this.forge.graph.get(head).tree)) return;
    const commit = await this.forge.outsiders(this.repository).mergeByHand(pullRequest.number, "merge");
    this.byHand.push({ branch: pullRequest.branch, commit });
  }
}
