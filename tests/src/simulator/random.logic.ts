/** A seeded random source: equal seeds give equal sequences on every machine. */
export interface Random {
  /** A number from 0 (inclusive) to 1 (exclusive). */
  next(): number;
  /** An integer from 0 (inclusive) to `bound` (exclusive). */
  below(bound: number): number;
  chance(probability: number): boolean;
  /** An element of a non-empty list. */
  pick<T>(list: readonly T[]): T;
  /** A name with a probability proportional to its weight. At least one weight must be positive. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
}

/** Knuth's multiplicative constant, which spreads neighbouring seeds. */
const SPREAD = 0x9e3779b1;

/**
 * Mulberry32 (Tommy Ettinger's public-domain generator): 32 bits of state, period 2^32, equal on every machine. Good enough to choose
 * interleavings, and nothing else.
 */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed ^ (seed >>> 16), SPREAD) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick(list) {
      const chosen = list[below(list.length)];
      if (chosen === undefined) throw new RangeError("nothing to pick from");
      return chosen;
    },
    weighted(weights) {
      const names = Object.keys(weights) as (keyof typeof weights)[];
      let left = next() * names.reduce((sum, name) => sum + weights[name], 0);
      for (const name of names) {
        left -= weights[name];
        if (left < 0) return name;
      }
      throw new RangeError("every weight is 0");
    },
  };
}
