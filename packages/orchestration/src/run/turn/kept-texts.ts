/**
 * Texts this process has written, by what they say: a step's prompt holds the outputs of the steps before it, and reading them again
 * for each would cost more with every step.
 *
 * 1. A text is known by its digest, so what is remembered can be missing but never wrong or out of date.
 * 2. It is bounded in characters: an LRU cache, which does not take a text that is longer than its share.
 */
import type { OutputRef } from "@millrace/contracts";
import type { Store } from "@millrace/kernel";
import { Lru } from "../../platform/lru.js";

const MAX_CHARS = 4_000_000;
const MAX_TEXT_CHARS = 100_000;

export class KeptTexts {
  readonly #store: Store;
  readonly #texts = new Lru<string, string>(MAX_CHARS, (text) => text.length);

  constructor(store: Store) {
    this.#store = store;
  }

  remember({ digest }: Pick<OutputRef, "digest">, text: string): void {
    if (text.length <= MAX_TEXT_CHARS) this.#texts.set(digest, text);
  }

  /** By key; one that is stored nowhere is missing. */
  async read(workspaceId: string, outputs: readonly OutputRef[]): Promise<ReadonlyMap<string, string>> {
    // Taken before the read: what this process writes meanwhile may push one of them out.
    const known = new Map(outputs.map(({ digest }) => [digest, this.#texts.get(digest)]));
    const missing = outputs.filter(({ digest }) => known.get(digest) === undefined).map(({ key }) => key);
    const read = missing.length === 0 ? new Map<string, string>() : await this.#store.outputs.getMany(workspaceId, missing);
    return new Map(
      outputs.flatMap(({ key, digest }) => {
        const text = known.get(digest) ?? read.get(key);
        return text === undefined ? [] : [[key, text]];
      }),
    );
  }
}
