/**
 * Kills workers at random moments and puts new ones in their places, until the kills are used up. Then the workers stay.
 *
 * Owns: processes, moments, counts. Does not own: what a kill may not change (the verification).
 * 1. Each place has one worker at a time; the next starts when the last was seen to be gone.
 * 2. A kill counts when the process ended by SIGKILL. A worker that ends in any other way leaves a kill too few.
 * 3. A place that has its last worker is left alone.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Line } from "./database.fixture.js";
import type { CallName } from "./protocol.schema.js";
import { pick, type Random } from "./random.logic.js";
import { startWorker, type Complaint, type Worker, type WorkerAddress } from "./workers.fixture.js";
import { WRITES, type EnvironmentServer } from "./environment-server.js";

export interface KillerOptions {
  readonly kills: number;
  /** The way to the database of each place. */
  readonly lines: readonly Line[];
  readonly random: Random;
  readonly address: Omit<WorkerAddress, "database">;
  readonly environment: EnvironmentServer;
  /** Longest life of a worker that drives, in ms, as things are now. */
  lifetimeMs(): number;
  /** Called after each kill with how many there were. */
  onKill(count: number): void;
  onComplaint(complaint: Complaint): void;
}

/** How kills were timed, and how often. */
export type Moments = Readonly<
  Record<"starting" | "driving" | "before-call" | "after-call" | "before-commit" | "after-commit" | "together", number>
>;

export interface Killer extends AsyncDisposable {
  /** The kills are used up and every place has a worker that drives. */
  isDone(): boolean;
  readonly moments: Moments;
  killed(): number;
  started(): number;
  /** Ends the workers that are left: they come to a commit, or are killed when they do not. Repeating it is harmless. */
  stop(): Promise<void>;
}

/** How long a trap waits for its call, in ms. */
const TRAP_MS = 1500;
const STARTING_MS = 600;
const LEAVING_MS = 20_000;
/** What a trap waits for: the rare calls by name, and after a while any that writes. */
const TRAPPED: readonly (readonly CallName[])[] = [["merge"], ["run"], ["updateBranch"], ["startJob"], ["pollJob", "checks"], WRITES];

export function startKilling(options: KillerOptions): Killer {
  const { random } = options;
  const moments = { starting: 0, driving: 0, "before-call": 0, "after-call": 0, "before-commit": 0, "after-commit": 0, together: 0 };
  /** The last worker of each place. */
  const resting: Worker[] = [];
  const mortal = new Set<Worker>();
  let [left, killed, started] = [options.kills, 0, 0];

  function fill(place: Line): Worker {
    started += 1;
    const at = { ...options.address, database: place.address };
    return startWorker(`w${started}`, at, (complaint) => options.onComplaint(complaint));
  }

  async function occupy(place: Line): Promise<void> {
    while (left > 0) {
      left -= 1;
      const worker = fill(place);
      mortal.add(worker);
      const own = await Promise.race([untilMoment(options, { worker, place }, pickMoment(random, place)), worker.gone.then(() => null)]);
      worker.kill();
      if (own === "together") for (const other of mortal) other.kill();
      const signal = await worker.gone;
      mortal.delete(worker);
      if (signal === "SIGKILL") {
        killed += 1;
        moments[own ?? "together"] += 1;
        options.onKill(killed);
      } else options.onComplaint(`${worker.name} died by itself`);
    }
    const last = fill(place);
    resting.push(last);
    await last.ready;
  }

  let isDone = false;
  const done = Promise.all(options.lines.map((place) => occupy(place))).then(() => {
    isDone = true;
  });
  async function stop(): Promise<void> {
    left = 0;
    await done;
    await Promise.all(resting.map(leave));
  }
  return { isDone: () => isDone, moments, killed: () => killed, started: () => started, stop, [Symbol.asyncDispose]: stop };
}

function pickMoment(random: Random, { network }: Line): Moment {
  const dice = random();
  // Where something is in between that sees commits, one in four is timed by it.
  if (network !== null && random() < 0.25) return pick(random, ["before-commit", "after-commit"]);
  if (dice < 0.07) return "starting";
  if (dice < 0.4) return "driving";
  if (dice < 0.55) return "before-call";
  return dice < 0.9 ? "after-call" : "together";
}

type Moment = keyof Moments;
/** A worker, and the way to the database that nobody else uses while it lives. */
interface Occupant {
  readonly worker: Worker;
  readonly place: Line;
}

/** Resolves with what it became: a trap that nothing stepped into ends as a kill at any time. */
async function untilMoment(options: KillerOptions, occupant: Occupant, moment: Moment): Promise<Moment> {
  const { random } = options;
  const { worker } = occupant;
  if (moment === "starting") {
    await delay(random() * STARTING_MS);
    return moment;
  }
  await worker.ready;
  // A trap is not set for the very first call of its name: any of the next moments will do.
  const trapped = moment !== "driving" && moment !== "together";
  await delay((random() * options.lifetimeMs()) / (trapped ? 4 : 1));
  if (!trapped) return moment;
  const { promise, resolve } = Promise.withResolvers<Moment>();
  const spring = (): void => {
    worker.kill();
    resolve(moment);
  };
  const forget = setTraps(options, occupant, moment, spring);
  const limit = setTimeout(() => resolve("driving"), TRAP_MS);
  void worker.gone.then(() => resolve(moment));
  const became = await promise;
  clearTimeout(limit);
  forget();
  return became;
}

/** The returned function takes them away again. */
function setTraps(options: KillerOptions, { worker, place }: Occupant, moment: Moment, spring: () => void): () => void {
  if (moment === "before-commit" || moment === "after-commit")
    return place.network?.trapCommit(moment === "before-commit" ? "before" : "after", spring) ?? (() => undefined);
  const when = moment === "before-call" ? "before" : "after";
  const setTrap = (calls: readonly CallName[]): (() => void) => options.environment.setTrap({ worker: worker.name, when, calls, spring });
  const traps = [setTrap(pick(options.random, TRAPPED))];
  const wider = setTimeout(() => traps.push(setTrap(WRITES)), TRAP_MS / 3);
  return () => {
    clearTimeout(wider);
    for (const forget of traps) forget();
  };
}

async function leave(worker: Worker): Promise<void> {
  worker.dismiss();
  const timer = setTimeout(() => worker.kill(), LEAVING_MS);
  await worker.gone;
  clearTimeout(timer);
}
