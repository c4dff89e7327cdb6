/**
 * What really happened in a simulated world, noted where it happened: by the agents, the forge and the people, never by the engine. What
 * excuses a run that did not arrive (I14) is looked up here.
 */
import type { CommitSha, Digest } from "@millrace/contracts";

/** What an agent did at one call. `ordinary`: honest work and an answer that asks for nothing. */
export interface Deed {
  readonly is: string;
  /** Code of the error that the call was refused with; null: it was not. */
  readonly code: string | null;
}

/** An assessment that was paid for, and the change that it was about. */
export interface Assessment {
  readonly runId: string;
  readonly key: string;
  readonly branch: string;
  /** Number of digests that the forge had told of the branch by then. */
  readonly told: number;
}

export class Witness {
  /** Pull requests that people closed, by their number the branch, and those that they pointed at another base. */
  readonly closed = new Map<number, string>();
  readonly retargeted = new Set<number>();
  /** Pull requests that the forge's own queue took out, or that it refused to have in it. */
  readonly dropped = new Set<number>();
  readonly assessments: Assessment[] = [];
  /** Moves of the base by others than the runs in line. */
  baseMoves = 0;
  /** Changes of anything by which a merge is judged, and of the rules of the forge. */
  ruleChanges = 0;
  /** Looks at a task or a run that nothing in its own history explains: nudges, repeated calls, crashes. */
  disturbed = 0;
  readonly #deeds = new Map<string, Deed[]>();
  readonly #pushes = new Map<string, number>();
  readonly #calls = new Map<string, number>();
  readonly #branches = new Map<CommitSha, string>();
  readonly #unknown = new Set<CommitSha>();
  readonly #told = new Map<string, Digest[]>();

  isClosed(branch: string): boolean {
    return [...this.closed.values()].includes(branch);
  }

  did(key: string, deed: Deed): void {
    this.#deeds.set(key, [...(this.#deeds.get(key) ?? []), deed]);
  }

  /** What the agents of one step of a run did, in order. */
  deedsOf(runId: string, step: number): readonly Deed[] {
    const own = `${runId}/${step}/`;
    return [...this.#deeds].flatMap(([key, deeds]) => (key.startsWith(own) ? deeds : []));
  }

  deedsAt(key: string): readonly Deed[] {
    return this.#deeds.get(key) ?? [];
  }

  /** Somebody else moved the head of a branch. */
  pushed(branch: string): void {
    this.#pushes.set(branch, this.pushesTo(branch) + 1);
  }

  pushesTo(branch: string): number {
    return this.#pushes.get(branch) ?? 0;
  }

  /** A call was made about `what`: a branch, or the key of a job. */
  looked(what: string): void {
    this.#calls.set(what, this.looksAt(what) + 1);
  }

  looksAt(what: string): number {
    return this.#calls.get(what) ?? 0;
  }

  /** The forge said that this is the head of a branch, and whether it merges. */
  heads(branch: string, head: CommitSha, isUnknown: boolean): void {
    this.#branches.set(head, branch);
    if (isUnknown) this.#unknown.add(head);
    else this.#unknown.delete(head);
  }

  /** Whether the forge last said of a head that it does not know whether it merges. */
  isUnknown(head: CommitSha): boolean {
    return this.#unknown.has(head);
  }

  branchOf(head: CommitSha): string | null {
    return this.#branches.get(head) ?? null;
  }

  told(branch: string, digest: Digest): void {
    this.#told.set(branch, [...this.toldOf(branch), digest]);
  }

  toldOf(branch: string): readonly Digest[] {
    return this.#told.get(branch) ?? [];
  }
}
