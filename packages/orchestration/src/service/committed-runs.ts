/**
 * Runs this process has committed, so that its next advance need not read and parse again what it wrote a moment ago.
 *
 * Owns: a bounded memory, and the proof that it is current. Does not own: any truth, which is the store's.
 * 1. A remembered run is used only after its revision was read from the store, now. Revisions only grow, every commit that
 *    changes a run raises its revision, and the store lets one writer past each revision; so the row at the revision this
 *    process wrote is the row this process wrote. A stop or an answer from elsewhere has a higher one and is seen exactly as
 *    if the document had been read.
 * 2. What is written on the strength of it is guarded by that revision all the same.
 * 3. It holds live runs only, and the oldest gives way: forgetting one costs a read.
 */
import type { Run } from "@millrace/contracts";
import type { Store } from "@millrace/kernel";
import { isLive } from "../engine/due.logic.js";

/** More than a driver has in hand at a time. */
const MAX_RUNS = 64;

interface Address {
  readonly workspaceId: string;
  readonly runId: string;
}

export class CommittedRuns {
  readonly #store: Store;
  readonly #runs = new Map<string, Run>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The run as stored now, or null when it must be read. */
  async current({ workspaceId, runId }: Address): Promise<Run | null> {
    const run = this.#runs.get(runId);
    if (run === undefined || run.workspaceId !== workspaceId) return null;
    return (await this.#store.runs.revision(workspaceId, runId)) === run.revision ? run : null;
  }

  /** The block of a remembered run: what is read with the run can be asked for at the same time. */
  blockOf({ workspaceId, runId }: Address): string | null {
    const run = this.#runs.get(runId);
    return run?.workspaceId === workspaceId ? run.blockId : null;
  }

  /** Call it only when the commit has succeeded. */
  remember(run: Run): void {
    this.#runs.delete(run.id);
    if (!isLive(run)) return;
    this.#runs.set(run.id, run);
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= MAX_RUNS) break;
      this.#runs.delete(oldest);
    }
  }
}
