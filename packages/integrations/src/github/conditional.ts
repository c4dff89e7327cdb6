import type { Headers } from "./limits.js";

/** What was last answered to a request, kept as long as GitHub confirms it with 304, which counts against no limit. */
export interface Kept {
  readonly etag: string;
  readonly data: unknown;
  readonly headers: Headers;
}

/** Answers by address, the least recently used dropped first. */
export class ConditionalCache {
  readonly #max: number;
  readonly #kept = new Map<string, Kept>();

  constructor(max: number) {
    this.#max = max;
  }

  get(address: string): Kept | null {
    const kept = this.#kept.get(address);
    if (kept === undefined) return null;
    this.#kept.delete(address);
    this.#kept.set(address, kept);
    return kept;
  }

  put(address: string, kept: Kept): void {
    this.#kept.delete(address);
    this.#kept.set(address, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#max) return;
      this.#kept.delete(oldest);
    }
  }
}
