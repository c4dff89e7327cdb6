/**
 * What grows with every run goes after a while.
 * 1. Only finished runs are trimmed. What is kept for audit: the run with its state, its merge record, the block, the totals of what was
 *    spent, and the events of the board.
 * 2. A pass is bounded, and each run is a commit of its own: one that cannot be trimmed keeps no other.
 */
import type { Workspace } from "@millrace/contracts";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { keptSince } from "./retention.logic.js";

/** Workspaces of one read. */
const PAGE = 100;

/** Removes the details of runs that finished longer ago than their workspace keeps them (`settings.retentionDays`). */
export class RetentionService {
  readonly #store: OrchestrationPorts["store"];
  readonly #hasChannels: boolean;

  constructor({ store, channels = [] }: Pick<OrchestrationPorts, "store" | "channels">) {
    this.#store = store;
    this.#hasChannels = channels.length > 0;
  }

  /** One pass at `now` (epoch ms) over every workspace: at most `limit` (1..200) runs and deliveries of each. Returns how many runs it trimmed. */
  async trim(now: number, limit: number, signal: AbortSignal): Promise<number> {
    let trimmed = 0;
    for (let after: string | undefined; ;) {
      const page: readonly Workspace[] = await this.#store.workspaces.list({ limit: PAGE, ...(after === undefined ? {} : { after }) });
      for (const workspace of page) {
        if (signal.aborted) return trimmed;
        trimmed += await this.#trimWorkspace(workspace, { now, limit, signal });
      }
      after = page.at(-1)?.id;
      if (page.length < PAGE) return trimmed;
    }
  }

  async #trimWorkspace(
    { id, settings }: Workspace,
    { now, limit, signal }: { readonly now: number; readonly limit: number; readonly signal: AbortSignal },
  ): Promise<number> {
    const before = keptSince(settings.retentionDays, now);
    if (before === null) return 0;
    const runs = await this.#store.runs.untrimmed(id, before, limit);
    for (const run of runs) {
      if (signal.aborted) break;
      await this.#store.commit([{ change: "trim-run", workspaceId: id, id: run.id }]);
    }
    if (this.#hasChannels) await this.#store.commit([{ change: "trim-deliveries", ofWorkspace: id, before, limit }]);
    return runs.length;
  }
}
