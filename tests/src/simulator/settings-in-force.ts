/**
 * What was in force when a decision was made. Every turn reads its input behind the commit before it, and people change settings at any
 * moment: a decision may stand on whatever was in force since then, and on nothing older.
 */
export class SettingsInForce<T> {
  readonly #history: T[];
  readonly #since = new Map<string, number>();

  constructor(first: T) {
    this.#history = [first];
  }

  changed(value: T): void {
    this.#history.push(value);
  }

  get current(): T {
    const last = this.#history.at(-1);
    if (last === undefined) throw new RangeError("nothing was ever in force");
    return last;
  }

  /** Everything since the last commit of a run; everything there was, for a run that is not known yet. */
  sinceCommitOf(runId: string): readonly T[] {
    return this.#history.slice(this.#since.get(runId) ?? 0);
  }

  /** A commit of the run landed. */
  committed(runId: string): void {
    this.#since.set(runId, this.#history.length - 1);
  }
}
