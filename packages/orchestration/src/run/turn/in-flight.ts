import type { Due } from "../model/due.logic.js";

interface Call {
  readonly runId: string;
  readonly isMerge: boolean;
  readonly abort: AbortController;
}

/**
 * Calls that this process is performing, so that a stop interrupts a call at once instead of after it, and so that a stop waits
 * for a merge, which cannot be interrupted. Other processes' calls are not here.
 */
export class InFlight {
  readonly #calls = new Set<Call>();

  /** The call is in flight until it is disposed. Two of one run at a time are two calls: a lease may have been lost. */
  begin(runId: string, next: Due): Disposable & { readonly signal: AbortSignal } {
    const isMerge = next.is === "effect" && next.effect.request.do === "merge";
    const call: Call = { runId, isMerge, abort: new AbortController() };
    this.#calls.add(call);
    return { signal: call.abort.signal, [Symbol.dispose]: () => void this.#calls.delete(call) };
  }

  has(runId: string): boolean {
    return this.#of(runId).length > 0;
  }

  isMerging(runId: string): boolean {
    return this.#of(runId).some(({ isMerge }) => isMerge);
  }

  abort(runId: string): void {
    for (const { abort } of this.#of(runId)) abort.abort();
  }

  #of(runId: string): readonly Call[] {
    return [...this.#calls].filter((call) => call.runId === runId);
  }
}
