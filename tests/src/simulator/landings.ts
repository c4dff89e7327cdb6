/** I3 as a run sees it: what has landed is known at its end, and nothing is merged on a task that is known to have landed. */
import type { Block } from "@millrace/contracts";
import type { Store } from "@millrace/kernel";
import type { Outages } from "./disturbances/outages.js";
import type { Environment } from "./environment.js";
import { isOver, type RunChange } from "./invariants.logic.js";
import type { Violation } from "./violation.js";

export interface LandingsOptions {
  readonly store: Store;
  readonly environment: Environment;
  readonly outages: Outages;
  readonly violations: Violation[];
}

export class Landings {
  readonly #options: LandingsOptions;
  /**
   * Runs whose change had landed when they were asked to end, and the looks that the forge had left unanswered by then: they must learn it
   * on the way, unless it left another one unanswered.
   */
  readonly #mustSee = new Map<string, number>();
  /** Runs at whose last commit the merge of their task was on the board: their next decision knows it. */
  readonly #known = new Set<string>();

  constructor(options: LandingsOptions) {
    this.#options = options;
  }

  async observe({ before, after, events }: RunChange): Promise<void> {
    const { store, environment, outages } = this.#options;
    const block = await store.blocks.get(after.workspaceId, after.blockId);
    for (const { event } of events) {
      if (event.type === "stop-requested" && after.pullRequest !== null && environment.landedOf(after.blockId).length > 0)
        this.#mustSee.set(after.id, outages.unanswered);
      if (event.type === "effect-requested" && event.effect.request.do === "merge" && this.#known.has(after.id))
        this.#violate(`run '${after.id}' asks for a merge although its task has landed`);
    }
    if (isKnownElsewhere(block, after.id)) this.#known.add(after.id);
    if (before === null || isOver(before) || !isOver(after)) return;
    if (this.#mustSee.get(after.id) === outages.unanswered && block?.merged === null)
      this.#violate(`run '${after.id}' ended as ${after.phase.is} and did not see what had landed before`);
  }

  #violate(message: string): void {
    this.#options.violations.push({ rule: "I3", message });
  }
}

function isKnownElsewhere(block: Block | null, runId: string): boolean {
  return block !== null && block.merged !== null && block.merged.runId !== runId;
}
