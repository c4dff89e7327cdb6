/**
 * Kills workers at random moments and puts new ones in their places, until the kills are used up. Then the workers stay.
 *
 * Owns: processes, moments, counts. Does not own: what a kill may not change (the verification).
 * 1. Each place has one worker at a time; the next starts when the last was seen to be gone.
 * 2. A kill counts when the process ended by SIGKILL. A worker that ends in any other way is a fault of its own.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { CallName } from "./protocol.schema.js";
import { pick, type Random } from "./random.logic.js";
import { startWorker, type Complaint, type Worker, type WorkerAddress } from "./workers.fixture.js";
import type { WorldServer } from "./world-server.js";

export interface KillerOptions {
  readonly kills: number;
  readonly places: number;
  readonly random: Random;
  readonly address: WorkerAddress;
  readonly world: WorldServer;
  /** Called after each kill with how many there were. */
  onKill(count: number): void;
  onComplaint(complaint: Complaint): void;
}

/** How kills were timed, and how often. */
export type Moments = Readonly<Record<"starting" | "driving" | "before-call" | "after-call" | "together", number>>;

export interface Killer {
  /** Resolves when the kills are used up and every place has a worker that drives. */
  readonly done: Promise<void>;
  readonly moments: Moments;
  killed(): number;
  started(): number;
  /** Ends the workers that are left: they come to a commit, or are killed when they do not. */
  stop(): Promise<void>;
}

/** Longest life of a driving worker, and how long a trap waits for its call, in ms. */
const LIFE_MS = 500;
const TRAP_MS = 1500;
const STARTING_MS = 600;
const LEAVING_MS = 20_000;
const TRAPPED: readonly (CallName | null)[] = [null, "startJob", "startJob", "pollJob", "run", "checks", "updateBranch", "merge", "merge"];

export function startKilling(options: KillerOptions): Killer {
  const { random } = options;
  const moments = { starting: 0, driving: 0, "before-call": 0, "after-call": 0, together: 0 };
  const places = new Map<number, Worker>();
  let [left, killed, started] = [options.kills, 0, 0];

  function fill(place: number): Worker {
    started += 1;
    const worker = startWorker(`w${started}`, options.address, options.onComplaint);
    places.set(place, worker);
    return worker;
  }

  async function occupy(place: number): Promise<void> {
    while (left > 0) {
      left -= 1;
      const worker = fill(place);
      const moment = pickMoment(random);
      await Promise.race([untilMoment(options, worker, moment), worker.gone]);
      worker.kill();
      if (moment === "together") for (const other of places.values()) other.kill();
      if ((await worker.gone) === "SIGKILL") {
        killed += 1;
        moments[moment] += 1;
        options.onKill(killed);
      } else options.onComplaint(`${worker.name} died by itself`);
    }
    await fill(place).ready;
  }

  const done = Promise.all(Array.from({ length: options.places }, (_, place) => occupy(place))).then(() => undefined);
  async function stop(): Promise<void> {
    left = 0;
    await done;
    await Promise.all([...places.values()].map(leave));
  }
  return { done, moments, killed: () => killed, started: () => started, stop };
}

function pickMoment(random: Random): keyof Moments {
  const dice = random();
  if (dice < 0.08) return "starting";
  if (dice < 0.5) return "driving";
  if (dice < 0.65) return "before-call";
  return dice < 0.9 ? "after-call" : "together";
}

async function untilMoment(options: KillerOptions, worker: Worker, moment: keyof Moments): Promise<void> {
  const { random } = options;
  if (moment === "starting") return delay(random() * STARTING_MS);
  await worker.ready;
  if (moment === "driving" || moment === "together") return delay(random() * LIFE_MS);
  // Not at its very first call of that name: any of the next moments will do.
  await delay((random() * LIFE_MS) / 4);
  await new Promise<void>((resolve) => {
    const when = moment === "before-call" ? "before" : "after";
    const forget = options.world.setTrap({ worker: worker.name, when, call: pick(random, TRAPPED), spring: () => spring() });
    const timer = setTimeout(resolve, TRAP_MS);
    void worker.gone.then(() => forget());
    function spring(): void {
      clearTimeout(timer);
      worker.kill();
      resolve();
    }
  });
}

async function leave(worker: Worker): Promise<void> {
  worker.dismiss();
  const timer = setTimeout(() => worker.kill(), LEAVING_MS);
  await worker.gone;
  clearTimeout(timer);
}
