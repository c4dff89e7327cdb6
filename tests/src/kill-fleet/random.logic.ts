/** Returns numbers from 0 (inclusive) to 1 (exclusive); equal seeds give equal sequences. */
export type Random = () => number;

/** A Mulberry32 generator: enough to choose stories and moments. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A random element.
 *
 * @throws RangeError for an empty list.
 */
export function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new RangeError("there is nothing to pick from");
  return one;
}

/** Hash of a text, from 0 (inclusive) to `below` (exclusive). */
export function hashOf(text: string, below: number): number {
  let hash = 7;
  for (let index = 0; index < text.length; index += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) >>> 0;
  return hash % below;
}
