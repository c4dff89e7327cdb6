import type { Clock, PullRequestLedger, Store, WakeUps } from "@millrace/kernel";
import { applyChange } from "./apply-change.js";
import { copyOf } from "./copy.logic.js";
import { Draft } from "./draft.js";
import { memoryPullRequests } from "./memory-pull-requests.js";
import { memoryWakeUps } from "./memory-wakeups.js";
import { memoryReads } from "./reads.js";
import { emptyTables } from "./tables.js";

export interface MemoryStore {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly pullRequests: PullRequestLedger;
}

/**
 * The store, its wake-ups and its pull requests in this process's memory: the same contract as a
 * database, held by the same conformance suite, and gone with the process. What goes in and what comes out are copies.
 */
export function createMemoryStore(options: { readonly clock: Clock }): MemoryStore {
  const tables = emptyTables();
  const reads = memoryReads(tables);
  return {
    store: {
      ...reads,
      async commit(changes, { contextOf } = {}) {
        const copies = copyOf(changes);
        const draft = new Draft(tables);
        try {
          for (const change of copies) applyChange(draft, change);
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
