/** Processes that drive the runs. Each has its own engine and a clock that may be wrong, and may crash anywhere. */
import { isMillraceError, type Clock } from "@millrace/kernel";
import { composeOrchestration, type Orchestration, type OrchestrationOptions, type OrchestrationPorts } from "@millrace/orchestration";
import { interceptPorts } from "@millrace/testing";
import type { Faults } from "./faults.js";
import type { Scheduler } from "./scheduler.js";
import type { Watcher } from "./watcher.js";

/** Lease of a claim in ms. These drivers never renew it. */
export const LEASE_MS = 30_000;
/** Short, so that every kind of timeout happens. */
const PATIENCE = { jobMs: 10 * 60_000, gateMs: 10 * 60_000 } as const;
/** Maximum number of advances on one claim. */
const ADVANCES_PER_CLAIM = 20;
/** Errors that an advance may end with: a port failed, another process committed first, or made the same module first. */
const TOLERATED: ReadonlySet<string> = new Set(["unavailable", "stale_revision", "conflict"]);

export interface Process {
  readonly name: string;
  incarnation: number;
  skewMs: number;
  engine: Orchestration;
}

export interface FleetOptions {
  /** Ports without faults. */
  readonly ports: OrchestrationPorts;
  readonly engine: OrchestrationOptions;
  readonly scheduler: Scheduler;
  readonly watcher: Watcher;
  readonly faults: Faults;
  readonly trace: (line: string) => void;
  /** Time that has really passed, in ms. */
  readonly elapsed: () => number;
}

export class Fleet {
  readonly processes: Process[] = [];
  readonly #options: FleetOptions;
  /** When what steps of clocks have left was last repaired, in elapsed ms. */
  #realignedAt = 0;

  constructor(options: FleetOptions, size: number) {
    this.#options = options;
    for (let index = 1; index <= size; index += 1) {
      const process: Process = { name: `p${index}`, incarnation: 1, skewMs: 0, engine: composeOrchestration(options.ports) };
      process.engine = this.#engineOf(process);
      this.processes.push(process);
    }
  }

  /** Crashes a process: its work in progress and its memory are lost, and a new one takes its place. */
  kill(process: Process): void {
    this.#options.scheduler.kill(process.name);
    this.#reborn(process);
  }

  /** Claims one due run and advances it, as the driver loop does. */
  drive(process: Process): Promise<void> {
    const { scheduler, ports, trace } = this.#options;
    if (scheduler.isBusy(process.name, "drives")) return Promise.resolve();
    const { engine, incarnation } = process;
    return scheduler.spawn(process.name, "drives", () =>
      this.#tried(process, async () => {
        const owner = `${process.name}/${incarnation}`;
        await this.realign();
        const [claim] = await ports.wakeups.claim({ owner, now: ports.clock.now(), leaseMs: LEASE_MS, limit: 1 });
        if (claim === undefined) return;
        let advances = 0;
        const goesOn = (): boolean => {
          advances += 1;
          trace(`${process.name} drives ${claim.runId}: turn ${advances}`);
          return advances <= ADVANCES_PER_CLAIM;
        };
        await engine.execution.drive(claim, goesOn);
        await ports.wakeups.release(claim);
      }),
    );
  }

  /** What a driver does each third of a lease: repairs what the step of a clock has left. */
  async realign(): Promise<void> {
    const { ports, elapsed } = this.#options;
    if (elapsed() - this.#realignedAt < LEASE_MS / 3) return;
    this.#realignedAt = elapsed();
    await ports.wakeups.realign({ now: ports.clock.now(), leaseMs: LEASE_MS });
  }

  /** A duplicate wake-up: advances a run without a claim, possibly at the same time as another process. */
  advance(process: Process, address: { readonly workspaceId: string; readonly runId: string }): Promise<void> {
    const { engine } = process;
    return this.#options.scheduler.spawn(process.name, "advances again", () =>
      this.#tried(process, async () => {
        await engine.execution.advance(address);
      }),
    );
  }

  /** Releases the claims of crashed processes. */
  async releaseDead(): Promise<void> {
    const { wakeups } = this.#options.ports;
    const alive = new Set(this.processes.map(({ name, incarnation }) => `${name}/${incarnation}`));
    for (const owner of await wakeups.leaseOwners()) if (!alive.has(owner)) await wakeups.releaseOwner(owner);
  }

  #engineOf(process: Process): Orchestration {
    const { ports, faults, engine } = this.#options;
    const clock: Clock = { now: () => ports.clock.now() + process.skewMs };
    const faulty = interceptPorts(
      { ...ports, clock },
      faults.around(() => this.#reborn(process)),
    );
    return composeOrchestration(faulty, { ...engine, patience: { ...PATIENCE, ...engine.patience } });
  }

  #reborn(process: Process): void {
    process.incarnation += 1;
    process.engine = this.#engineOf(process);
    this.#options.trace(`  ${process.name} died and starts again`);
  }

  async #tried(process: Process, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const code = isMillraceError(error) ? error.code : "internal";
      this.#options.trace(`${process.name} failed to advance (${code})`);
      if (!TOLERATED.has(code)) this.#options.watcher.thrown("an advance", error);
    }
  }
}
