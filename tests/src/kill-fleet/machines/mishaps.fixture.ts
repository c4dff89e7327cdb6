/**
 * Causes the planned mishaps of machines, one after the other, each when its number of kills is reached. One that finds nothing to happen
 * to is tried again. A run is damaged at most once: a job may be lost twice only by two damages, which is no good work's luck.
 */
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Killer } from "../killer.fixture.js";
import { createRandom, pick, type Random } from "../random.logic.js";
import { runOf } from "./agent.logic.js";
import { setClock } from "./clock.fixture.js";
import { jobsInFlight, type JobInFlight } from "./jobs-in-flight.fixture.js";
import type { Machine } from "./machine.fixture.js";
import { mishapCounts, nextOffset, type Mishap, type MishapCounts, type PlannedMishap } from "./mishaps.logic.js";
import type { Seat } from "./seat.js";

export interface MishapOptions {
  readonly plan: readonly PlannedMishap[];
  readonly machines: readonly Machine[];
  readonly killer: Killer<Seat>;
  /** Length of a lease, in ms. */
  readonly leaseMs: number;
  /** Paths of the bare repositories that have unfinished work. */
  bares(): readonly string[];
}

/** A mishap that happened. */
export interface HappenedMishap {
  readonly name: Mishap;
  readonly what: string;
  /** Keys of the jobs that it may have cost. */
  readonly keys: readonly string[];
}

export interface Mishaps extends AsyncDisposable {
  readonly happened: readonly HappenedMishap[];
  counts(): MishapCounts;
  /** Whether this run's jobs were damaged. */
  isDamaged(runId: string): boolean;
  /** Resolves when the machine is there. */
  isUp(machine: Machine): Promise<void>;
  /** Resolves when the worker is not stopped. */
  isAwake(pid: number | null): Promise<void>;
  isDone(): boolean;
  /** Resolves when the current mishap is over; later ones do not happen. Idempotent. */
  stop(): Promise<void>;
}

const POLL_MS = 25;
const BEYOND_MS = 1500;
const FULL_MS = 2000;
/** Files that are in the folder of a job in flight. */
const FILES = ["job.json", "checkout.json", "supervisor.json", "agent.json", "usage.json", "transcript.jsonl", "work.json"];
/** Locks that a killed git leaves in a bare repository. */
const LOCKS = ["HEAD.lock", "packed-refs.lock", "refs/heads/main.lock"];

export function startMishaps(options: MishapOptions): Mishaps {
  const happened: HappenedMishap[] = [];
  const damaged = new Set<string>();
  const down = new Map<Machine, Promise<void>>();
  const asleep = new Map<number, Promise<void>>();
  const stopping = new AbortController();
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const offsets = new Map<Machine, number>();

  async function undamaged(machine: Machine): Promise<readonly JobInFlight[]> {
    return (await jobsInFlight(machine)).filter(({ key }) => !damaged.has(runOf(key)));
  }

  async function anyJob(random: Random): Promise<JobInFlight | null> {
    const jobs = (await Promise.all(options.machines.map(undamaged))).flat();
    return jobs.length === 0 ? null : pick(random, jobs);
  }

  const kinds: Readonly<Record<Mishap, (random: Random) => Promise<Omit<HappenedMishap, "name"> | null>>> = {
    async "deleted-file"(random) {
      const job = await anyJob(random);
      if (job === null) return null;
      const file = pick(random, FILES);
      await rm(join(job.folder, file), { force: true });
      return { what: `${file} of ${job.key}`, keys: [job.key] };
    },
    async "deleted-folder"(random) {
      const job = await anyJob(random);
      if (job === null) return null;
      await rm(job.folder, { recursive: true, force: true, maxRetries: 5 });
      return { what: job.key, keys: [job.key] };
    },
    async "left-lock"(random) {
      const [job, bares] = [await anyJob(random), options.bares()];
      const inClone = random() < 0.35 && job !== null;
      if (!inClone && bares.length === 0) return null;
      const path = inClone
        ? join(job.folder, "work", ".git", pick(random, ["index.lock", "HEAD.lock"]))
        : await lockIn(random, pick(random, bares));
      // Exclusive, as git's: one that a living git holds is not a left one.
      const isLeft = await writeFile(path, "", { flag: "wx" }).then(
        () => true,
        () => false,
      );
      return isLeft ? { what: path, keys: [] } : null;
    },
    async "stopped-worker"(random) {
      const living = options.killer.living().filter(({ worker }) => worker.pid !== null);
      if (living.length === 0) return null;
      const { worker, place } = pick(random, living);
      await worker.ready;
      const keys = (await jobsInFlight(place.machine)).map(({ key }) => key);
      return (await sleepOf(worker.pid)) ? { what: worker.name, keys: options.machines.length > 1 ? keys : [] } : null;
    },
    async "stopped-supervisor"(random) {
      const job = await anyJob(random);
      return job !== null && (await sleepOf(job.supervisorPid)) ? { what: job.key, keys: [] } : null;
    },
    async "clock-step"(random) {
      const machine = pick(random, options.machines);
      const offset = nextOffset(random, offsets.get(machine) ?? 0);
      offsets.set(machine, offset);
      await setClock(machine.clockFile, offset);
      return { what: `${machine.name} to ${offset} s`, keys: [] };
    },
    async "full-disk"(random) {
      const machine = pick(random, options.machines);
      if ((await jobsInFlight(machine)).length === 0) return null;
      const free = await machine.fillDisk();
      if (free === null) return null;
      const keys = new Set((await jobsInFlight(machine)).map(({ key }) => key));
      await pause(FULL_MS);
      for (const { key } of await jobsInFlight(machine)) keys.add(key);
      await free();
      return { what: machine.name, keys: [...keys] };
    },
    async "dead-machine"(random) {
      const machine = pick(random, options.machines);
      const keys = (await jobsInFlight(machine)).map(({ key }) => key);
      if (keys.length === 0) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      down.set(machine, promise);
      await machine.die();
      await pause(options.leaseMs + BEYOND_MS);
      down.delete(machine);
      resolve();
      return { what: machine.name, keys };
    },
  };

  /** Path of a lock in a bare repository: of its HEAD, its packed refs, its base, or the branch of a task. */
  async function lockIn(random: Random, bare: string): Promise<string> {
    const branches = await readdir(join(bare, "refs", "heads", "millrace")).catch(() => []);
    const ofTasks = branches.filter((name) => !name.endsWith(".lock")).map((name) => `refs/heads/millrace/${name}.lock`);
    return join(bare, pick(random, [...LOCKS, ...ofTasks.slice(0, 2)]));
  }

  /** Stops a process for more than a lease. False when it ended meanwhile. */
  async function sleepOf(pid: number | null): Promise<boolean> {
    if (pid === null || !signal(pid, "SIGSTOP")) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    asleep.set(pid, promise);
    await pause(options.leaseMs + BEYOND_MS);
    asleep.delete(pid);
    resolve();
    return signal(pid, "SIGCONT");
  }

  async function provoke({ name, at, seed }: PlannedMishap): Promise<void> {
    const random = createRandom(seed);
    for (; !stopping.signal.aborted; await pause(POLL_MS)) {
      const found = options.killer.killed() >= at ? await kinds[name](random) : null;
      if (found === null) continue;
      happened.push({ name, ...found });
      for (const key of found.keys) damaged.add(runOf(key));
      return;
    }
  }
  let isDone = false;
  const done = (async () => {
    for (const one of options.plan) await provoke(one);
    isDone = true;
  })();
  async function stop(): Promise<void> {
    stopping.abort();
    await done;
  }
  return {
    happened,
    counts: () => mishapCounts((name) => happened.filter((one) => one.name === name).length),
    isDamaged: (runId) => damaged.has(runId),
    isUp: async (machine) => down.get(machine),
    isAwake: async (pid) => (pid === null ? undefined : asleep.get(pid)),
    isDone: () => isDone,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
