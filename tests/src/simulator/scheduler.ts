/**
 * A cooperative scheduler. Owns: which of the parked threads runs, one at a time. Does not own: what they do.
 * 1. Between two `park` calls exactly one thread runs, so that what it awaits in between (a digest, a microtask) cannot change the
 *    order of events.
 * 2. A thread of a killed process is never resumed, and none of its `finally` blocks runs.
 * 3. A thread makes one port call at a time. A concurrent second call throws, because its order would not be deterministic.
 */
import type { Random } from "./random.logic.js";

/** One unit of work of a process. */
interface Thread {
  readonly process: string;
  readonly label: string;
  at: string;
  resume: () => void;
}

export class Scheduler {
  readonly #random: Random;
  #parked: Thread[] = [];
  /** Processes that get no time. */
  readonly #suspended = new Set<string>();
  #running: Thread | null = null;
  #onIdle: () => void = () => undefined;
  /** When true, threads no longer park and run to their end. */
  #isQuiet = false;

  constructor(random: Random) {
    this.#random = random;
  }

  get parked(): number {
    return this.#resumable().length;
  }

  /** From now on no thread of a process is resumed, as on a machine that sleeps. */
  suspend(process: string): void {
    this.#suspended.add(process);
  }

  awake(process: string): void {
    this.#suspended.delete(process);
  }

  /** Whether a thread is parked there, of whatever process. */
  isParkedAt(at: string): boolean {
    return this.#parked.some((thread) => thread.at === at);
  }

  isBusy(process: string, label: string): boolean {
    return this.#parked.some((thread) => thread.process === process && thread.label === label);
  }

  /** From now on threads run to their end without parking. */
  quiet(): void {
    this.#isQuiet = true;
  }

  /** Starts a unit of work and runs it to its first park. `work` must not throw. */
  async spawn(process: string, label: string, work: () => Promise<void>): Promise<void> {
    const thread: Thread = { process, label, at: "the beginning", resume: () => undefined };
    await this.#run(thread, () => {
      void work().then(() => this.#end(thread));
    });
  }

  /** Called by the running thread: suspends it until `step` chooses it again. */
  park(at: string): Promise<void> {
    const thread = this.#current(at);
    if (this.#isQuiet) return Promise.resolve();
    thread.at = at;
    return new Promise((resolve) => {
      thread.resume = resolve;
      this.#parked.push(thread);
      this.#yield();
    });
  }

  /** Called by the running thread: kills its process with all of its threads. Never resolves. */
  die(): Promise<never> {
    this.kill(this.#current("death").process);
    this.#yield();
    return new Promise(() => undefined);
  }

  /** Drops every thread of a process. */
  kill(process: string): void {
    this.#parked = this.#parked.filter((thread) => thread.process !== process);
  }

  /** Resumes one random parked thread. Returns a description of it, or null when none is parked. */
  async step(): Promise<string | null> {
    const resumable = this.#resumable();
    if (resumable.length === 0) return null;
    const thread = this.#random.pick(resumable);
    this.#parked.splice(this.#parked.indexOf(thread), 1);
    const what = `${thread.process} ${thread.label} goes on at ${thread.at}`;
    await this.#run(thread, thread.resume);
    return what;
  }

  #resumable(): readonly Thread[] {
    return this.#suspended.size === 0 ? this.#parked : this.#parked.filter(({ process }) => !this.#suspended.has(process));
  }

  #run(thread: Thread, begin: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#running = thread;
      this.#onIdle = resolve;
      begin();
    });
  }

  #yield(): void {
    this.#running = null;
    this.#onIdle();
  }

  #end(thread: Thread): void {
    if (this.#running === thread) this.#yield();
  }

  #current(at: string): Thread {
    if (this.#running === null) throw new Error(`'${at}' was called while nothing ran: two calls of one thread at once cannot be replayed`);
    return this.#running;
  }
}
