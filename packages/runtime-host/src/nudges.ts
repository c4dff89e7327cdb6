/** What this host learns by itself moves a wake-up to now. A nudge that is lost costs one poll. */
import type { RepositoryRef } from "@millrace/contracts";
import { logFailure, type Log, type Store } from "@millrace/kernel";
import { fromRecord, type Orchestration, type RunAddress } from "@millrace/orchestration";

export interface Nudges {
  run(address: RunAddress): void;
  /** A check of that repository completed: its live runs look now instead of at their next poll. */
  repository(repository: RepositoryRef): void;
}

/** `engine` is null while the host is being put together: nothing has been asked of anybody then. */
export function createNudges(store: Store, log: Log, engine: () => Orchestration | null): Nudges {
  const attempt = (work: Promise<unknown> | undefined): void =>
    void work?.catch((error: unknown) => logFailure(log, "nudge-failed", error));
  const run = (address: RunAddress): void => attempt(engine()?.execution.nudge(address));
  return { run, repository: (repository) => attempt(nudgeRepository(store, repository, run)) };
}

/** Bounded: what lies beyond is found by its poll. */
const WORKSPACES = 50;
const RUNS = 200;

async function nudgeRepository(store: Store, repository: RepositoryRef, nudge: (address: RunAddress) => void): Promise<void> {
  for (const workspace of await store.workspaces.list({ limit: WORKSPACES })) {
    for (const summary of await store.runs.list(workspace.id, { live: true }, { limit: RUNS })) {
      const record = await store.runs.get(workspace.id, summary.id);
      const known = record === null ? null : fromRecord(record).repository;
      if (known?.forge === repository.forge && known.id === repository.id) nudge({ workspaceId: workspace.id, runId: summary.id });
    }
  }
}
