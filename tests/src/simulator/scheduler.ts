/**
 * Decides who goes on. Owns: which of the parked threads runs, one at a time. Does not own: what they do.
 * 1. Between two `park`s exactly one thread runs, so whatever it awaits in between (a digest on another thread, a microtask)
 *    cannot change the order of anything.
 * 2. A thread whose process was killed is never resumed: it dies where it stood, and no `finally` of it runs.
 * 3. A thread makes one call to the outside at a time. A second one at once is refused loudly: its order would be chance.
 */
import type { Random } from "./random.logic.js";

/** One piece of work of one process. */
interface Thread {
  readonly process: string;
  readonly label: string;
  at: string;
  resume: () => void;
}

export class Scheduler {
  readonly #random: Random;
  #parked: Thread[] = [];
  #running: Thread | null = null;
  #settled: () => void = () => undefined;
  /** Nobody parks any more: each thread runs to its end. */
  #isQuiet = false;

  constructor(random: Random) {
    this.#random = random;
  }

  get parked(): number {
    return this.#parked.length;
  }

  isBusy(process: string, label: string): boolean {
    return this.#parked.some((thread) => thread.process === process && thread.label === label);
  }

  /** From now on work runs to its end once begun. */
  quiet(): void {
    this.#isQuiet = true;
  }

  /** Begins a piece of work and runs it to its first park. It must not throw. */
  async spawn(process: string, label: string, work: () => Promise<void>): Promise<void> {
    const thread: Thread = { process, label, at: "the beginning", resume: () => undefined };
    await this.#run(thread, () => {
      void work().then(() => this.#end(thread));
    });
  }

  /** Called by the running thread: somebody else goes on; it does when it is chosen again. */
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

  /** Called by the running thread: its process dies here, with everything else that it does. Never resolves. */
  die(): Promise<never> {
    this.kill(this.#current("death").process);
    this.#yield();
    return new Promise(() => undefined);
  }

  /** Everything a process does is gone. */
  kill(process: string): void {
    this.#parked = this.#parked.filter((thread) => thread.process !== process);
  }

  /** Resumes one parked thread; returns what it did, or null when none is parked. */
  async step(): Promise<string | null> {
    if (this.#parked.length === 0) return null;
    const [thread] = this.#parked.splice(this.#random.below(this.#parked.length), 1);
    if (thread === undefined) return null;
    const what = `${thread.process} ${thread.label} goes on at ${thread.at}`;
    await this.#run(thread, thread.resume);
    return what;
  }

  #run(thread: Thread, begin: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#running = thread;
      this.#settled = resolve;
      begin();
    });
  }

  #yield(): void {
    this.#running = null;
    this.#settled();
  }

  #end(thread: Thread): void {
    if (this.#running === thread) this.#yield();
  }

  #current(at: string): Thread {
    if (this.#running === null) throw new Error(`'${at}' was called while nothing ran: two calls of one thread at once cannot be replayed`);
    return this.#running;
  }
}
