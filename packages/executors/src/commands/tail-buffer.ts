/** Keeps the last `limit` bytes of the appended chunks, in less memory than twice the limit plus one chunk. */
export class TailBuffer {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = Math.max(0, limit);
  }

  append(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#limit * 2) this.#trim();
  }

  /** The tail as UTF-8 text, without a character that was cut in half at its beginning. */
  text(): string {
    this.#trim();
    const all = Buffer.concat(this.#chunks);
    let start = 0;
    while (start < 4 && start < all.byteLength && ((all[start] ?? 0) & 0xc0) === 0x80) start += 1;
    return all.subarray(start).toString("utf8");
  }

  #trim(): void {
    if (this.#bytes <= this.#limit) return;
    const all = Buffer.concat(this.#chunks);
    const kept = all.subarray(all.byteLength - this.#limit);
    this.#chunks = [kept];
    this.#bytes = kept.byteLength;
  }
}
