/** The clocks of a simulation: the one of the database, which may be set back, and the time that has really passed. */
import type { VirtualClock } from "@millrace/testing";

export class Clocks {
  readonly database: VirtualClock;
  readonly #began: number;
  #setBackMs = 0;

  constructor(database: VirtualClock) {
    this.database = database;
    this.#began = database.now();
  }

  /** Time that has passed since the beginning, in ms, whatever the clocks say. */
  readonly elapsed = (): number => this.database.now() - this.#began + this.#setBackMs;

  setBack(ms: number): void {
    this.#setBackMs += ms;
    this.database.setBack(ms);
  }
}
