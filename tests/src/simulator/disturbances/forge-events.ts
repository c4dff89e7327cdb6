/** What a forge, and people at it, do to a repository beside pushing: nothing of it asks the engine. */
import type { PullRequestRef } from "@millrace/contracts";
import { taskBranch } from "@millrace/kernel";
import type { Outsiders } from "@millrace/testing";
import type { Environment } from "../environment.js";
import type { Random } from "../random.logic.js";
import type { ForgeEvent } from "./kinds.logic.js";
import type { MergeQueue } from "./merge-queue.js";

/** Branch that people point pull requests at, beside the base. */
const OTHER_BASE = "release";
/** Reads that a forge does not answer, at most: more than a call is repeated at once. */
const HIDDEN_AT_MOST = 8;
/** Reads after which mergeability is known, at most: longer than a gate is patient. */
const UNKNOWN_AT_MOST = 30;
/** Share of worlds whose forge lands by a queue of its own from the beginning. */
const WITH_QUEUE = 0.15;
/** Check that no machine ever reports. */
const NEVER_REPORTED = "abandoned";

export class ForgeEvents {
  readonly #environment: Environment;
  readonly #queue: MergeQueue;
  readonly #random: Random;

  constructor(environment: Environment, queue: MergeQueue, random: Random) {
    this.#environment = environment;
    this.#queue = queue;
    this.#random = random;
    environment.forge.push(environment.repository, OTHER_BASE, { release: "first" });
  }

  /** Some repositories have a merge queue of their own from the beginning. */
  async begin(): Promise<void> {
    if (this.#random.chance(WITH_QUEUE)) await this.#queue.use(true);
  }

  get hasQueued(): boolean {
    return this.#queue.hasEntries;
  }

  /** False when there was nothing that it could happen to. */
  async happen(event: ForgeEvent): Promise<boolean> {
    const { forge, repository, ci } = this.#environment;
    const outsiders = forge.outsiders(repository);
    switch (event) {
      case "forge hides what exists":
        await outsiders.hide(this.#random.pick(["pull-request", "commit", "branch"]), 1 + this.#random.below(HIDDEN_AT_MOST));
        return true;
      case "mergeability unknown for long":
        await outsiders.delayMergeability(this.#random.below(UNKNOWN_AT_MOST));
        return true;
      case "rules of the base changed":
        return this.#changeRules();
      case "check that cannot run":
        ci.breakDown(!ci.isOutOfOrder);
        return true;
      case "merge queue switched":
        await this.#queue.use(!this.#queue.isUsed);
        this.#environment.witness.ruleChanges += 1;
        return true;
      case "merge queue landed":
        return (await this.#queue.handle(false)) === "landed";
      case "merge queue took out":
        return (await this.#queue.handle(true)) === "taken out";
      default:
        return this.#ofTask(event, outsiders);
    }
  }

  /** Everything that would keep a good change for ever ends. */
  async calm(): Promise<void> {
    const { forge, repository } = this.#environment;
    const outsiders = forge.outsiders(repository);
    for (const what of ["pull-request", "commit", "branch"] as const) await outsiders.hide(what, 0);
    await outsiders.delayMergeability(0);
    await this.#environment.require([]);
  }

  async #changeRules(): Promise<boolean> {
    await this.#environment.require(this.#random.pick([[], ["test"], ["test", "lint"], ["lint"], [NEVER_REPORTED]]));
    this.#environment.witness.ruleChanges += 1;
    return true;
  }

  async #ofTask(event: ForgeEvent, outsiders: Outsiders): Promise<boolean> {
    const { forge, repository } = this.#environment;
    const branch = taskBranch({ id: this.#random.pick(this.#environment.blocks) });
    const head = forge.head(repository, branch);
    if (head === null) return false;
    if (event === "pull request reopened") return this.#environment.reopen(branch);
    const open = await forge.findPullRequest(repository, branch);
    if (event === "second pull request of a branch") await outsiders.open(branch, OTHER_BASE);
    else if (event === "pull request of a fork") await outsiders.openFromFork(branch, repository.base, head);
    else return open !== null && this.#ofPullRequest(event, outsiders, open);
    return true;
  }

  async #ofPullRequest(event: ForgeEvent, outsiders: Outsiders, open: PullRequestRef): Promise<boolean> {
    const { witness } = this.#environment;
    switch (event) {
      case "pull request retargeted":
        witness.retargeted.add(open.number);
        await outsiders.retarget(open.number, OTHER_BASE);
        return true;
      case "squashed by hand":
        return this.#environment.mergeByHand(open, "squash");
      case "moved forward by hand":
        return this.#environment.mergeByHand(open, "fast-forward");
      default:
        return false;
    }
  }
}
