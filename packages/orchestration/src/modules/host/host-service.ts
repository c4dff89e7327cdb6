import type { ConfigurationEntry, HostMetrics, HostPart, SweepState } from "@millrace/contracts";
import { isMillraceError, MillraceError, notFound, type RunAddressRow } from "@millrace/kernel";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { SweepJournal } from "../../platform/sweep-journal.js";

/** Time that a host has to say whether it can work, in ms. */
const READY_MS = 2000;
const SWEEP_ROWS = 200;
const MAX_STUCK = 200;

/** What the module needs of others. */
export interface HostCalls {
  readonly journal: SweepJournal;
  /** @throws MillraceError `conflict` when the run can be read. */
  readonly endUnreadable: (address: { readonly workspaceId: string; readonly runId: string }) => Promise<void>;
}

type HostPorts = Pick<OrchestrationPorts, "store" | "wakeups" | "clock" | "sleep" | "hostChecks" | "configuration">;

/** The host itself: whether it works, what it does, and what an operator may do about it. */
export class HostService {
  readonly #ports: HostPorts;
  readonly #calls: HostCalls;
  #isDraining = false;

  constructor(ports: HostPorts, calls: HostCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /** True while drivers of this process should take up no more runs. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  drain(on: boolean): void {
    this.#isDraining = on;
  }

  /** Every part that the host needs, the database first. One that does not answer within 2 seconds is missing. */
  async parts(): Promise<HostPart[]> {
    const { store, wakeups, hostChecks = [] } = this.#ports;
    const database = { name: "database", check: async () => void (await store.events.end()) };
    const queue = { name: "queue", check: async () => void (await wakeups.nextDueAt()) };
    return Promise.all([database, queue, ...hostChecks].map((part) => this.#ask(part)));
  }

  configuration(): ConfigurationEntry[] {
    return [...(this.#ports.configuration?.() ?? [])].map((entry) =>
      entry.isSecret ? { ...entry, value: entry.value === null ? null : "set" } : entry,
    );
  }

  /** Counts of the host: each reads live rows by an index, never the history. */
  async metrics(): Promise<HostMetrics> {
    const { store, wakeups, clock } = this.#ports;
    const now = clock.now();
    const [runs, due, stuck] = await Promise.all([store.runs.liveCounts(), wakeups.nextDueAt(), store.runs.stuck(MAX_STUCK)]);
    const sweepLagMs = Math.max(0, ...this.#calls.journal.states(now).map(({ lagMs }) => lagMs));
    return { runs, wakeUpLagMs: due === null ? 0 : Math.max(0, now - due), sweepLagMs, stuckRuns: stuck.length };
  }

  sweeps(): SweepState[] {
    return [...this.#calls.journal.states(this.#ports.clock.now())];
  }

  /**
   * One pass of a sweep now. A pass that fails is told in its state.
   * @throws MillraceError `not_found`.
   */
  async runSweep(name: string): Promise<SweepState> {
    const sweep = this.#calls.journal.sweeps.find((one) => one.name === name);
    if (sweep === undefined) throw notFound("sweep", name);
    const signal = new AbortController().signal;
    await sweep.run(this.#ports.clock.now(), SWEEP_ROWS, signal).catch(() => 0);
    const state = this.sweeps().find((one) => one.name === name);
    if (state === undefined) throw notFound("sweep", name);
    return state;
  }

  stuck(): Promise<readonly RunAddressRow[]> {
    return this.#ports.store.runs.stuck(MAX_STUCK);
  }

  /**
   * Ends a run that cannot be read.
   * @throws MillraceError `not_found`, `conflict`.
   */
  async endRun(address: { readonly workspaceId: string; readonly runId: string }): Promise<void> {
    if ((await this.#ports.store.runs.summary(address.workspaceId, address.runId)) === null) throw notFound("run", address.runId);
    await this.#calls.endUnreadable(address);
  }

  async #ask({ name, check }: { readonly name: string; readonly check: () => Promise<void> }): Promise<HostPart> {
    const done = new AbortController();
    const late = this.#ports.sleep(READY_MS, done.signal).then(() => {
      if (!done.signal.aborted) throw new MillraceError("unavailable", `no answer within ${READY_MS} ms`);
    });
    try {
      await Promise.race([check(), late]);
      return { name, ok: true, problem: null };
    } catch (error) {
      return { name, ok: false, problem: isMillraceError(error) ? error.message : "it cannot be reached; the log has the reason" };
    } finally {
      done.abort();
    }
  }
}
