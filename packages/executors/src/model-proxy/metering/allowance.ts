/** What is reserved for one call. */
export interface CallReservation {
  readonly micros: number;
  /** Gives the reservation back and takes the cost. Only the first call counts. */
  settle(costMicros: number): void;
}

/**
 * The reservation of a door, handed out call by call. `reserve` is synchronous and runs in one thread: of many calls at once none sees
 * what another one has taken already.
 */
export class Allowance {
  readonly #totalMicros: number;
  #settledMicros: number;
  #reservedMicros = 0;
  #open = 0;

  constructor(totalMicros: number, settledMicros = 0) {
    this.#totalMicros = totalMicros;
    this.#settledMicros = settledMicros;
  }

  get settledMicros(): number {
    return this.#settledMicros;
  }

  get reservedMicros(): number {
    return this.#reservedMicros;
  }

  /** Calls in flight that may cost something. */
  get open(): number {
    return this.#open;
  }

  get overshootMicros(): number {
    return Math.max(0, this.#settledMicros - this.#totalMicros);
  }

  /** Null when what is left does not cover it. */
  reserve(micros: number): CallReservation | null {
    if (this.#settledMicros + this.#reservedMicros + micros > this.#totalMicros) return null;
    const calls = micros > 0 ? 1 : 0;
    this.#reservedMicros += micros;
    this.#open += calls;
    let isOpen = true;
    return {
      micros,
      settle: (costMicros) => {
        if (!isOpen) return;
        isOpen = false;
        this.#reservedMicros -= micros;
        this.#open -= calls;
        this.#settledMicros += costMicros;
      },
    };
  }
}
