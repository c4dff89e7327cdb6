/**
 * Kills workers at random moments and replaces them, until the planned kills are used up. The last workers stay.
 *
 * Owns: worker processes, moments of kills, counts. Does not own: the verification.
 * 1. Each slot has one worker at a time; the next starts after the exit of the last was observed.
 * 2. A kill counts when the process ended by SIGKILL. A worker that ends in any other way is reported and not counted.
 * 3. The last worker of a slot is not killed.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Line } from "./database.fixture.js";
import type { CallName } from "./protocol.schema.js";
import { pick, type Random } from "./random.logic.js";
import { startWorker, type Complaint, type Worker, type WorkerAddress } from "./workers.fixture.js";
import { WRITES, type EnvironmentServer } from "./environment-server.js";

export interface KillerOptions {
  readonly kills: number;
  /** Line to the database of each slot. */
  readonly lines: readonly Line[];
  readonly random: Random;
  readonly address: Omit<WorkerAddress, "database">;
  readonly environment: EnvironmentServer;
  /** Current maximum lifetime of a driving worker, in ms. */
  lifetimeMs(): number;
  /** Called after each kill with the number of kills. */
  onKill(count: number): void;
  onComplaint(complaint: Complaint): void;
}

/** Number of kills by their moment. */
export type Moments = Readonly<
  Record<"starting" | "driving" | "before-call" | "after-call" | "before-commit" | "after-commit" | "together", number>
>;

export interface Killer extends AsyncDisposable {
  /** Whether the kills are used up and every slot has a driving worker. */
  isDone(): boolean;
  readonly moments: Moments;
  killed(): number;
  started(): number;
  /** Ends the remaining workers after their current commit, or kills them after a timeout. Idempotent. */
  stop(): Promise<void>;
}

/** Time that a trap waits for its call, in ms. */
const TRAP_MS = 1500;
const STARTING_MS = 600;
const LEAVING_MS = 20_000;
/** Calls that a trap waits for: rare ones by name. After a while it also takes any write. */
const TRAPPED: readonly (readonly CallName[])[] = [["merge"], ["run"], ["updateBranch"], ["startJob"], ["pollJob", "checks"], WRITES];

export function startKilling(options: KillerOptions): Killer {
  const { random } = options;
  const moments = { starting: 0, driving: 0, "before-call": 0, "after-call": 0, "before-commit": 0, "after-commit": 0, together: 0 };
  /** The last worker of each slot. */
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
  // With a proxy that sees commits, one in four kills is timed by a commit.
  if (network !== null && random() < 0.25) return pick(random, ["before-commit", "after-commit"]);
  if (dice < 0.07) return "starting";
  if (dice < 0.4) return "driving";
  if (dice < 0.55) return "before-call";
  return dice < 0.9 ? "after-call" : "together";
}

type Moment = keyof Moments;
/** A worker with its line to the database. */
interface Occupant {
  readonly worker: Worker;
  readonly place: Line;
}

/** Resolves at the moment of the kill, with its kind: a trap that is not triggered becomes a kill at any time. */
async function untilMoment(options: KillerOptions, occupant: Occupant, moment: Moment): Promise<Moment> {
  const { random } = options;
  const { worker } = occupant;
  if (moment === "starting") {
    await delay(random() * STARTING_MS);
    return moment;
  }
  await worker.ready;
  // A trap is set only after a random delay, so that it does not always catch the first call.
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

/** Sets the traps of a moment. Call the returned function to remove them. */
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
