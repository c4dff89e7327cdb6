/**
 * The one driver loop. Owns: claiming wake-ups, driving claimed runs, renewing leases, and running the sweeps it is given.
 * Does not own: state, rules, timers (a runtime injects `sleep`), what a sweep does.
 * 1. At most `concurrency` runs are driven at a time; a run that rests or sleeps gives its place back.
 * 2. A lease keeps others away while an effect is performed. Losing it is harmless: writes are guarded.
 * 3. An advance that throws outside a run (a database that cannot be read) keeps its lease as back-off and
 *    is logged; the wake-up stays, so the run is taken up again when the lease runs out.
 * 4. Every driver runs every sweep, each in a loop of its own: one that is slow or fails holds up no other. A failed pass is logged, and
 *    the next one comes.
 * 5. Clocks may be set back. What that leaves in the future is repaired each third of a lease, so that nothing stands still for longer
 *    than a lease (F:C9); a lease that ended in the middle of a drive does not make this driver drive the run twice.
 */
import { logFailure, type Claim, type Clock, type Log, type Sleep, type WakeUps } from "@millrace/kernel";
import { DEFAULT_SWEEP_MS, type Sweep } from "../../platform/module.js";
import type { ExecutionService } from "../execution-service.js";
import type { RunAddress } from "../turn/run-session.js";

/** Rows one pass of a sweep takes. */
const SWEEP_ROWS = 200;

/** What a driver drives, and how. */
export interface DriverOptions {
  readonly execution: ExecutionService;
  /** `orchestration.sweeps`. */
  readonly sweeps: readonly Sweep[];
  readonly wakeups: WakeUps;
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  readonly sleep: Sleep;
  /** Names this driver in leases; the runtime recognises a dead one by it. */
  readonly owner: string;
  /** Runs driven at a time. Default 4. */
  readonly concurrency?: number;
  /** Length of a lease, in ms. Default 30,000. */
  readonly leaseMs?: number;
  /** The only runs it drives. Default: any. */
  readonly only?: readonly RunAddress[] | undefined;
  /** Time that `stop` waits for what is being driven, in ms. Default 120,000. */
  readonly stopMs?: number;
  /** Longest pause between two polls of the queue, in ms. Default 1000. */
  readonly idleMs?: number;
  /** True while no more runs are to be taken up; asked before each claim. Default: never. */
  readonly isDraining?: () => boolean;
  /** Called when a run that this driver worked on has come to a pause, and something of it was committed. */
  readonly onMoved?: (run: RunAddress) => void;
}

/** A running driver. Disposal is `stop`. */
export interface Driver extends AsyncDisposable {
  /** Look at the queue now: something was started, answered or nudged. */
  wake(): void;
  /**
   * No new runs are taken up; resolves when those being driven have come to a commit, after `stopMs` at the latest: what is not back by
   * then keeps its lease, and commits late or never.
   */
  stop(): Promise<void>;
}

/** Starts the loop that claims due runs and advances them. Defaults: 4 runs at a time, leases of 30,000 ms, idle polls each 1000 ms. */
export function startDriver(options: DriverOptions): Driver {
  const { concurrency = 4, leaseMs = 30_000, idleMs = 1000, stopMs = 120_000, only } = options;
  const stopping = new AbortController();
  const active = new Map<string, Promise<void>>();
  let bell = new AbortController();
  const ring = (): void => bell.abort();

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      bell = new AbortController();
      const claims = active.size >= concurrency || options.isDraining?.() === true ? [] : await claim().catch(warn);
      for (const one of claims ?? []) take(one);
      if ((claims ?? []).length === 0) await options.sleep(await pause(), AbortSignal.any([bell.signal, stopping.signal]));
    }
    await Promise.all(active.values());
  }

  const claim = (): Promise<readonly Claim[]> =>
    options.wakeups.claim({ owner: options.owner, now: options.clock.now(), leaseMs, limit: concurrency - active.size, only });
  const warn = (error: unknown): null => {
    logFailure(options.log, "driver-claim-failed", error);
    return null;
  };

  /** Until the next wake-up is due, but never longer than `idleMs`: another process may write an earlier one. */
  async function pause(): Promise<number> {
    if (active.size >= concurrency) return idleMs;
    const next = await options.wakeups.nextDueAt(only).catch(warn);
    return next === null ? idleMs : Math.min(idleMs, Math.max(1, next - options.clock.now()));
  }

  /** A run that this driver still works on was lost by its lease alone (rule 5): the claim renews it. */
  function take(one: Claim): void {
    const key = JSON.stringify([one.workspaceId, one.runId]);
    if (active.has(key)) return;
    const done = drive(options, one, leaseMs, stopping.signal).finally(() => {
      active.delete(key);
      ring();
    });
    active.set(key, done);
  }

  const realign: Sweep = {
    name: "wakeups.realign",
    everyMs: leaseMs / 3,
    run: (now) => options.wakeups.realign({ now, leaseMs }),
  };

  const finished = Promise.all([loop(), ...[realign, ...options.sweeps].map((sweep) => keepSweeping(options, sweep, stopping.signal))]);
  const stop = async (): Promise<void> => {
    stopping.abort();
    const done = new AbortController();
    const late = options.sleep(stopMs, done.signal).then(() => {
      if (done.signal.aborted) return;
      logFailure(options.log, "driver-stopped-late", new Error(`not back within ${stopMs} ms`), { runs: active.size });
    });
    await Promise.race([finished, late]);
    done.abort();
  };
  return { wake: ring, stop, [Symbol.asyncDispose]: stop };
}

async function keepSweeping({ clock, log, sleep }: DriverOptions, sweep: Sweep, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      const rows = await sweep.run(clock.now(), SWEEP_ROWS, stopping);
      if (rows > 0) log.info("swept", { sweep: sweep.name, rows });
    } catch (error) {
      logFailure(log, "sweep-failed", error, { sweep: sweep.name });
    }
    await sleep(sweep.everyMs ?? DEFAULT_SWEEP_MS, stopping);
  }
}

async function drive(options: DriverOptions, claim: Claim, leaseMs: number, stopping: AbortSignal): Promise<void> {
  const done = new AbortController();
  const heartbeat = keepLease(options, claim, leaseMs, done.signal);
  try {
    const { moved } = await options.execution.drive(claim, () => !stopping.aborted);
    done.abort();
    await heartbeat;
    await options.wakeups.release(claim);
    if (moved) options.onMoved?.({ workspaceId: claim.workspaceId, runId: claim.runId });
  } catch (error) {
    logFailure(options.log, "advance-failed", error, { runId: claim.runId });
  } finally {
    done.abort();
    await heartbeat;
  }
}

async function keepLease(options: DriverOptions, claim: Claim, leaseMs: number, done: AbortSignal): Promise<void> {
  while (!done.aborted) {
    await options.sleep(leaseMs / 3, done);
    if (done.aborted) return;
    try {
      await options.wakeups.renew(claim, options.clock.now() + leaseMs);
      await options.execution.interruptIfStopping(claim);
    } catch (error) {
      logFailure(options.log, "lease-not-renewed", error, { runId: claim.runId });
    }
  }
}
