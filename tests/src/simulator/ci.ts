import type { Check, CommitSha } from "@millrace/contracts";
import { type Tree, completedCheck } from "@millrace/testing";
import type { Random } from "./random.logic.js";

/** The truth about a tree: tests fail on bad content, and on a feature where the rule forbids features. */
export function isGood(tree: Tree): boolean {
  const forbids = tree["rule"] === "no features";
  return Object.entries(tree).every(([path, text]) => !text.startsWith("bad") && !(forbids && path.startsWith("feature")));
}

type CheckState = "registered" | "finished" | "flaked";

/** Checks that register late, run for a while, may turn red for no reason and green again, and never call a bad tree green. */
export class SimulatedCi {
  /** Trees that were seen green by whoever asked: all the evidence there is. */
  readonly greenTrees = new Set<string>();
  readonly #random: Random;
  readonly #states = new Map<CommitSha, CheckState | null>();
  #isPrompt = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** From now on every check is finished, and says what is so. */
  becomePrompt(): void {
    this.#isPrompt = true;
  }

  move(head: CommitSha, to: CheckState): void {
    this.#states.set(head, to);
  }

  checks(head: CommitSha, tree: Tree): readonly Check[] {
    const state = this.#isPrompt ? "finished" : this.#stateOf(head);
    if (state === null) return [];
    if (state === "registered")
      return [{ name: "test", status: "in_progress", conclusion: null, url: null, completedAt: null, summary: null }];
    const isGreen = state === "finished" && isGood(tree);
    if (isGreen) this.greenTrees.add(JSON.stringify(tree));
    return [completedCheck("test", isGreen ? "success" : "failure")];
  }

  /** Most checks are there when they are first looked at. */
  #stateOf(head: CommitSha): CheckState | null {
    const known = this.#states.get(head);
    if (known !== undefined) return known;
    const state = this.#random.weighted({ finished: 6, registered: 2, absent: 2 });
    this.#states.set(head, state === "absent" ? null : state);
    return state === "absent" ? null : state;
  }
}
