/**
 * Runs this process has committed, so that its next advance need not read and parse again what it wrote a moment ago.
 *
 * Owns: a bounded memory, and the proof that it is current. Does not own: any truth, which is the store's.
 * 1. A remembered run is used only after its revision was read from the store, now. Revisions only grow, every commit that
 *    changes a run raises its revision, and the store lets one writer past each revision; so the row at the revision this
 *    process wrote is the row this process wrote. A stop or an answer from elsewhere has a higher one and is seen exactly as
 *    if the document had been read.
 * 2. What is written on the strength of it is guarded by that revision all the same.
 * 3. The wake-up that a driver writes with its run is remembered with it: one that is due already need not be written again. Others only move
 *    it without a new revision to look earlier (a nudge) or, when they have lost the run without knowing, one poll later. What a person's
 *    command or a start writes is not remembered: a driver elsewhere goes on from there.
 * 4. It holds live runs only, in an LRU cache: forgetting one costs a read.
 */
import type { Run } from "@millrace/contracts";
import type { Store } from "@millrace/kernel";
import { Lru } from "../../platform/lru.js";
import { isLive } from "../model/due.logic.js";

/** More than a driver has in hand at a time. */
const MAX_RUNS = 64;

interface Address {
  readonly workspaceId: string;
  readonly runId: string;
}

interface CommittedRun {
  readonly run: Run;
  /** Of the wake-up its last commit left, in epoch ms; null without one. */
  readonly dueAt: number | null;
}

export class CommittedRuns {
  readonly #store: Store;
  readonly #runs = new Lru<string, CommittedRun>(MAX_RUNS);

  constructor(store: Store) {
    this.#store = store;
  }

  /** The run as stored now, or null when it must be read. */
  async current({ workspaceId, runId }: Address): Promise<Run | null> {
    const run = this.#runs.get(runId)?.run;
    if (run === undefined || run.workspaceId !== workspaceId) return null;
    return (await this.#store.runs.revision(workspaceId, runId)) === run.revision ? run : null;
  }

  /** The run this process committed last. It is the stored one only if the store has that revision now. */
  last({ workspaceId, runId }: Address): Run | null {
    const run = this.#runs.get(runId)?.run;
    return run?.workspaceId === workspaceId ? run : null;
  }

  /** True if the stored run has a wake-up that is due at that time. */
  isDue(run: Run, at: number): boolean {
    const known = this.#runs.get(run.id);
    return known?.run.revision === run.revision && known.dueAt !== null && known.dueAt <= at;
  }

  /** Forgets the remembered wake-up: another process may have moved it. */
  isDrivenElsewhere({ runId }: Address): void {
    const known = this.#runs.get(runId);
    if (known !== undefined) this.#runs.set(runId, { ...known, dueAt: null });
  }

  /** Call it only when the commit has succeeded. */
  remember(run: Run, dueAt: number | null): void {
    if (isLive(run)) this.#runs.set(run.id, { run, dueAt });
    else this.#runs.delete(run.id);
  }
}
