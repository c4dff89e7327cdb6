/** Clocks that step, and machines that sleep. */
import type { Faults } from "../faults.js";
import type { Fleet, Process } from "../fleet.js";
import type { Random } from "../random.logic.js";
import type { Scheduler } from "../scheduler.js";
import type { Clocks } from "./clocks.js";
import type { TimeEvent } from "./kinds.logic.js";

const MINUTE = 60_000;
/** Longest step of a clock in ms, either way. */
export const STEP_MS = 90 * MINUTE;
const SET_BACK_MS = 6 * 60 * MINUTE;
/** One in so many sleeps is longer than a day, and so longer than every patience. */
const DAYS_ONE_IN = 12;

export interface TimeEventsOptions {
  readonly clocks: Clocks;
  readonly fleet: Fleet;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly random: Random;
}

export class TimeEvents {
  readonly #options: TimeEventsOptions;
  /** When each sleeping process awakes, in elapsed ms. */
  readonly #asleep = new Map<Process, number>();

  constructor(options: TimeEventsOptions) {
    this.#options = options;
  }

  happen(event: TimeEvent): boolean {
    const { clocks, fleet, random } = this.#options;
    switch (event) {
      case "database clock set back":
        return this.#setBack();
      case "process clock stepped":
        random.pick(fleet.processes).skewMs = random.below(2 * STEP_MS) - STEP_MS;
        return true;
      case "host suspended":
        return this.#suspend(random.pick(fleet.processes), this.#sleepMs());
      case "all hosts suspended":
        clocks.database.advance(this.#sleepMs());
        return true;
    }
  }

  /** Wakes those whose time has come, and the next one when all are asleep. */
  tick(): void {
    const { clocks, fleet } = this.#options;
    if (this.#asleep.size === fleet.processes.length) {
      const next = Math.min(...this.#asleep.values());
      clocks.database.advance(Math.max(0, next - clocks.elapsed()));
    }
    for (const [process, until] of this.#asleep) if (until <= clocks.elapsed()) this.#awake(process);
  }

  isAsleep(process: Process): boolean {
    return this.#asleep.has(process);
  }

  calm(): void {
    for (const process of this.#asleep.keys()) this.#awake(process);
  }

  /**
   * Not while a commit is on its way. It has its times from before and its time stamp from after, as only an adapter in memory stamps: in a
   * database the writer's clock makes both, a moment apart.
   */
  #setBack(): boolean {
    const { clocks, scheduler, faults, random } = this.#options;
    if (scheduler.isParkedAt("a commit") || faults.late.some(({ is }) => is === "commit of a dead process")) return false;
    clocks.setBack(MINUTE + random.below(SET_BACK_MS));
    return true;
  }

  #suspend(process: Process, ms: number): boolean {
    this.#asleep.set(process, this.#options.clocks.elapsed() + ms);
    this.#options.scheduler.suspend(process.name);
    return true;
  }

  #awake(process: Process): void {
    this.#asleep.delete(process);
    this.#options.scheduler.awake(process.name);
  }

  /** Longer than a lease; more often than not longer than a gate, a job or a stop is waited for. */
  #sleepMs(): number {
    const { random } = this.#options;
    return random.below(DAYS_ONE_IN) === 0 ? (24 + random.below(12)) * 60 * MINUTE : MINUTE + random.below(180) * MINUTE;
  }
}
