import { type SweepState } from "@millrace/contracts";
import { isMillraceError, type Clock } from "@millrace/kernel";
import { DEFAULT_SWEEP_MS, type Sweep } from "./module.js";

type Pass = Omit<SweepState, "name" | "everyMs" | "lagMs">;

const NEVER: Pass = { lastRunAt: null, tookMs: null, rows: null, failure: null };

/** Remembers the last pass of each sweep of this process. Nothing of it is stored: every driver runs every sweep. */
export class SweepJournal {
  readonly #clock: Clock;
  readonly #sweeps: readonly Sweep[];
  readonly #passes = new Map<string, Pass>();

  constructor(clock: Clock, sweeps: readonly Sweep[]) {
    this.#clock = clock;
    this.#sweeps = sweeps.map((sweep) => ({ ...sweep, run: (now, limit, signal) => this.#run(sweep, now, limit, signal) }));
  }

  /** The same sweeps, which are written down as they run. */
  get sweeps(): readonly Sweep[] {
    return this.#sweeps;
  }

  /** State of every sweep at `now` (epoch ms), in their order. */
  states(now: number): readonly SweepState[] {
    return this.#sweeps.map(({ name, everyMs = DEFAULT_SWEEP_MS }) => {
      const pass = this.#passes.get(name) ?? NEVER;
      const lagMs = pass.lastRunAt === null ? 0 : Math.max(0, now - pass.lastRunAt - everyMs);
      return { name, everyMs: Math.round(everyMs), lagMs: Math.round(lagMs), ...pass };
    });
  }

  async #run(sweep: Sweep, now: number, limit: number, signal: AbortSignal): Promise<number> {
    const before = this.#passes.get(sweep.name) ?? NEVER;
    try {
      const rows = await sweep.run(now, limit, signal);
      this.#passes.set(sweep.name, { lastRunAt: now, tookMs: Math.max(0, this.#clock.now() - now), rows, failure: before.failure });
      return rows;
    } catch (error) {
      const code = isMillraceError(error) ? error.code : "internal";
      // The message of anything else may quote a secret.
      const message = isMillraceError(error) ? error.message : "a defect; the log has it";
      this.#passes.set(sweep.name, { ...before, lastRunAt: now, failure: { code, message, at: now } });
      throw error;
    }
  }
}
