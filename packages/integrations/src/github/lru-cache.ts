/** What was read last, by name; the least recently used is dropped first. */
export class Recent<T> {
  readonly #max: number;
  readonly #kept = new Map<string, T>();

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#kept.size;
  }

  get(name: string): T | null {
    const kept = this.#kept.get(name);
    if (kept === undefined) return null;
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    return kept;
  }

  put(name: string, kept: T): void {
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#max) return;
      this.#kept.delete(oldest);
    }
  }

  delete(name: string): void {
    this.#kept.delete(name);
  }

  /** As they are now, the least recently used first. */
  entries(): readonly (readonly [string, T])[] {
    return [...this.#kept];
  }
}
