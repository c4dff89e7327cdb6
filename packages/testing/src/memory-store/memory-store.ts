import type { Change, Changes, Clock, PullRequestLedger, Store, WakeUps } from "@millrace/kernel";
import { assertOneScope } from "@millrace/kernel";
import { changeHandlers, storeReads } from "./aggregates/index.js";
import { memoryPullRequests } from "./aggregates/pull-requests.js";
import { memoryWakeUps } from "./aggregates/wakeups.js";
import { copyOf } from "./copy.logic.js";
import { Draft } from "./draft.js";
import { emptyTables } from "./tables.js";

export interface MemoryStore {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly pullRequests: PullRequestLedger;
}

/**
 * The store, its wake-ups and its pull requests in this process's memory: the same contract as a
 * database, held by the same conformance suite, and gone with the process. It stores copies and returns copies.
 */
export function createMemoryStore(options: { readonly clock: Clock }): MemoryStore {
  const tables = emptyTables();
  const reads = storeReads(tables);
  return {
    store: {
      ...reads,
      async commit(changes, { contextOf } = {}) {
        assertOneScope(changes);
        const copies = copyOf(changes);
        const draft = new Draft(tables, options.clock.now());
        try {
          for (const change of copies) apply(draft, change);
          draft.finish();
        } catch (error) {
          draft.undo();
          throw error;
        }
        return contextOf === undefined ? null : reads.runs.context(contextOf);
      },
    },
    wakeups: memoryWakeUps(tables, options.clock),
    pullRequests: memoryPullRequests(),
  };
}

function apply<Tag extends keyof Changes>(draft: Draft, change: Change<Tag>): void {
  changeHandlers[change.change](draft, change);
}
