/** Gap between two resumed callers, in ms. Keeps the request rate below GitHub's secondary limit. */
const GAP_MS = 250;
/** Longest delay added to the end of a pause, in ms; after that the sequence starts again at 0. */
const MAX_DELAY_MS = 60_000;

/**
 * Spreads the callers that a pause refused: the first may resume at its end, each further one 250 ms after the one
 * before. Deterministic, in place of random jitter.
 */
export class BackoffSpread {
  #refusals = 0;
  #pauseEnd = 0;

  /** When the next refused caller may resume (epoch ms): at `pauseEnd` or at most one minute later. */
  next(pauseEnd: number): number {
    if (pauseEnd !== this.#pauseEnd) this.#refusals = 0;
    this.#pauseEnd = pauseEnd;
    const resumeAt = pauseEnd + ((this.#refusals * GAP_MS) % MAX_DELAY_MS);
    this.#refusals += 1;
    return resumeAt;
  }
}
