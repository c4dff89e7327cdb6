/**
 * Texts this process has written, by what they say: a step's prompt holds the outputs of the steps before it, and reading them again
 * for each would cost more with every step.
 *
 * 1. A text is known by its digest, so what is remembered can be missing but never wrong or out of date.
 * 2. It is bounded in characters; the oldest gives way, and a text that would take more than its share is not remembered.
 */
import type { OutputRef } from "@millrace/contracts";
import type { Store } from "@millrace/kernel";

const MAX_CHARS = 4_000_000;
const MAX_TEXT_CHARS = 100_000;

export class KeptTexts {
  readonly #store: Store;
  readonly #texts = new Map<string, string>();
  #chars = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  remember({ digest }: Pick<OutputRef, "digest">, text: string): void {
    if (text.length > MAX_TEXT_CHARS || this.#texts.has(digest)) return;
    this.#texts.set(digest, text);
    this.#chars += text.length;
    for (const [oldest, { length }] of this.#texts) {
      if (this.#chars <= MAX_CHARS) break;
      this.#texts.delete(oldest);
      this.#chars -= length;
    }
  }

  /** By key; one that is stored nowhere is missing. */
  async read(workspaceId: string, outputs: readonly OutputRef[]): Promise<ReadonlyMap<string, string>> {
    const missing = outputs.filter(({ digest }) => !this.#texts.has(digest));
    const read =
      missing.length === 0
        ? new Map<string, string>()
        : await this.#store.outputs.getMany(
            workspaceId,
            missing.map(({ key }) => key),
          );
    return new Map(
      outputs.flatMap(({ key, digest }) => {
        const text = this.#texts.get(digest) ?? read.get(key);
        return text === undefined ? [] : [[key, text]];
      }),
    );
  }
}
