/**
 * Kills workers at random moments and replaces them, until the planned kills are used up. The last workers stay.
 *
 * Owns: worker processes, counts. Does not own: what a worker is, the moments of kills (`KillMoments`), the verification.
 * 1. Each slot has one worker at a time; the next starts after the exit of the last was observed.
 * 2. A kill counts when the process ended by SIGKILL. A worker that ends in any other way is reported and not counted.
 * 3. The last worker of a slot is not killed.
 */
import type { Complaint, Worker } from "./workers.fixture.js";

/** A worker in its slot. */
export interface Occupant<Place> {
  readonly worker: Worker;
  readonly place: Place;
}

/** The moments at which workers are killed. */
export interface KillMoments<Place, Moment extends string> {
  readonly names: readonly Moment[];
  pick(place: Place): Moment;
  /** Resolves at the moment of the kill, with what it became. Every other living worker is killed too when that is `together`. */
  reached(occupant: Occupant<Place>, moment: Moment): Promise<Moment>;
}

export interface KillerOptions<Place, Moment extends string> {
  readonly kills: number;
  /** One for each slot. */
  readonly places: readonly Place[];
  readonly moments: KillMoments<Place, Moment>;
  start(name: string, place: Place): Worker;
  /** Resolves when a worker may be started in the place. Default: at once. */
  isOpen?(place: Place): Promise<void>;
  /** Called after each kill with the number of kills. */
  onKill(count: number, place: Place): void;
  onComplaint(complaint: Complaint): void;
}

/** Number of kills by their moment. */
export type MomentCounts = Readonly<Record<string, number>>;

export interface Killer<Place> extends AsyncDisposable {
  /** Whether the kills are used up and every slot has a driving worker. */
  isDone(): boolean;
  readonly moments: MomentCounts;
  /** Workers that live now. */
  living(): readonly Occupant<Place>[];
  killed(): number;
  started(): number;
  /** Names of the workers that ended though nothing had ended them. */
  readonly died: readonly string[];
  /** Ends the remaining workers after their current commit, or kills them after a timeout. Idempotent. */
  stop(): Promise<void>;
}

const LEAVING_MS = 20_000;

export function startKilling<Place, Moment extends string>(options: KillerOptions<Place, Moment>): Killer<Place> {
  const counts: Record<string, number> = Object.fromEntries(options.moments.names.map((name) => [name, 0]));
  /** The last worker of each slot. */
  const resting = new Set<Occupant<Place>>();
  const mortal = new Set<Occupant<Place>>();
  const died: string[] = [];
  let [left, killed, started] = [options.kills, 0, 0];

  async function fill(place: Place): Promise<Occupant<Place>> {
    await options.isOpen?.(place);
    started += 1;
    return { worker: options.start(`w${started}`, place), place };
  }

  async function occupy(place: Place): Promise<void> {
    while (left > 0) {
      left -= 1;
      const occupant = await fill(place);
      const { worker } = occupant;
      mortal.add(occupant);
      const moment = await Promise.race([options.moments.reached(occupant, options.moments.pick(place)), worker.gone.then(() => null)]);
      worker.kill();
      if (moment === "together") for (const other of mortal) other.worker.kill();
      const signal = await worker.gone;
      mortal.delete(occupant);
      if (signal === "SIGKILL") {
        killed += 1;
        const name = moment ?? "together";
        counts[name] = (counts[name] ?? 0) + 1;
        options.onKill(killed, place);
      } else died.push(worker.name);
    }
    await settleIn(place);
  }

  /** The last worker of a slot. One that a fault ends is replaced. */
  async function settleIn(place: Place): Promise<void> {
    const last = await fill(place);
    resting.add(last);
    void last.worker.gone.then(async (signal) => {
      resting.delete(last);
      if (isLeaving) return;
      if (signal === "SIGKILL") await settleIn(place);
      else died.push(last.worker.name);
    });
    await last.worker.ready;
  }

  let isDone = false;
  let isLeaving = false;
  const done = Promise.all(options.places.map((place) => occupy(place))).then(() => {
    isDone = true;
  });
  async function stop(): Promise<void> {
    left = 0;
    await done;
    isLeaving = true;
    await Promise.all([...resting].map(({ worker }) => leave(worker)));
  }
  return {
    isDone: () => isDone,
    moments: counts,
    living: () => [...mortal, ...resting],
    killed: () => killed,
    started: () => started,
    died,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function leave(worker: Worker): Promise<void> {
  worker.dismiss();
  const timer = setTimeout(() => worker.kill(), LEAVING_MS);
  await worker.gone;
  clearTimeout(timer);
}
