import type { Check, CommitSha } from "@millrace/contracts";
import { canonicalJson } from "@millrace/kernel";
import { type Tree, completedCheck } from "@millrace/testing";
import { isGood } from "./good-tree.logic.js";
import type { Random } from "./random.logic.js";

type CheckState = "registered" | "finished" | "flaked";

/** A CI whose checks register late, run for a while and may flake, but never pass a bad tree. */
export class SimulatedCi {
  /** Trees that a read of the checks reported green, as canonical JSON. */
  readonly #green = new Set<string>();
  readonly #random: Random;
  readonly #states = new Map<CommitSha, CheckState | null>();
  #isPrompt = false;
  /** Whether there is a second check beside `test`: there is one from the first rule that asks for it. */
  #hasLint = false;
  /** While true no check can run, whatever the change is. */
  #isOutOfOrder = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** From now on every check is completed, without flakes. */
  becomePrompt(): void {
    this.#isPrompt = true;
    this.#isOutOfOrder = false;
  }

  get isOutOfOrder(): boolean {
    return this.#isOutOfOrder;
  }

  breakDown(isOutOfOrder: boolean): void {
    this.#isOutOfOrder = isOutOfOrder;
  }

  addLint(): void {
    this.#hasLint = true;
  }

  /** The forge's own queue has tested what would land: true if it is good. */
  testInQueue(tree: Tree): boolean {
    if (isGood(tree)) this.#green.add(canonicalJson(tree));
    return isGood(tree);
  }

  /** Whether the checks of a head are completed. */
  isDecided(head: CommitSha): boolean {
    return this.#isPrompt || ["finished", "flaked"].includes(this.#states.get(head) ?? "");
  }

  /** Whether the checks of a head failed although nothing is wrong with it. */
  hasFlaked(head: CommitSha): boolean {
    return this.#states.get(head) === "flaked";
  }

  /** True if a read of the checks reported exactly this tree green: the only valid evidence. */
  wasGreen(tree: Tree): boolean {
    return this.#green.has(canonicalJson(tree));
  }

  move(head: CommitSha, to: CheckState): void {
    this.#states.set(head, to);
  }

  checks(head: CommitSha, tree: Tree): readonly Check[] {
    const state = this.#isPrompt ? "finished" : this.#stateOf(head);
    if (state === null) return [];
    if (state === "registered")
      return [{ name: "test", status: "in_progress", conclusion: null, url: null, completedAt: null, summary: null }];
    const lint = this.#hasLint ? [completedCheck("lint", "success")] : [];
    if (this.#isOutOfOrder) return [completedCheck("test", "action_required", "no machine to run on"), ...lint];
    const isGreen = state === "finished" && isGood(tree);
    if (isGreen) this.#green.add(canonicalJson(tree));
    return [completedCheck("test", isGreen ? "success" : "failure"), ...lint];
  }

  /** Most checks are registered at their first read. */
  #stateOf(head: CommitSha): CheckState | null {
    const known = this.#states.get(head);
    if (known !== undefined) return known;
    const state = this.#random.weighted({ finished: 6, registered: 2, absent: 2 });
    this.#states.set(head, state === "absent" ? null : state);
    return state === "absent" ? null : state;
  }
}
