/** Between two who come back: well under what GitHub takes in a minute, even when each asks for several things. */
const GAP_MS = 250;
/** Longest distance from the time itself. */
const WITHIN_MS = 60_000;

/** Times for those who were refused: the first may come when it is over, the others shortly after each other, not all in one second. */
export class Stagger {
  #refused = 0;
  #from = 0;

  /** A time of one's own, at or shortly after `from`. */
  next(from: number): number {
    if (from !== this.#from) this.#refused = 0;
    this.#from = from;
    const at = from + ((this.#refused * GAP_MS) % WITHIN_MS);
    this.#refused += 1;
    return at;
  }
}
