/** Moments of kills around the calls and commits of a worker: traps that the environment and the line to the database spring. */
import { setTimeout as delay } from "node:timers/promises";
import type { Line } from "./database.fixture.js";
import { WRITES, type EnvironmentServer } from "./environment-server.js";
import type { KillMoments, Occupant } from "./killer.fixture.js";
import type { CallName } from "./protocol.schema.js";
import { pick, type Random } from "./random.logic.js";

export interface CallMomentOptions {
  readonly random: Random;
  readonly environment: EnvironmentServer;
  /** Current maximum lifetime of a driving worker, in ms. */
  lifetimeMs(): number;
}

const MOMENTS = ["starting", "driving", "before-call", "after-call", "before-commit", "after-commit", "together"] as const;
type Moment = (typeof MOMENTS)[number];

/** Time that a trap waits for its call, in ms. */
const TRAP_MS = 1500;
const STARTING_MS = 600;
/** Calls that a trap waits for: rare ones by name. After a while it also takes any write. */
const TRAPPED: readonly (readonly CallName[])[] = [["merge"], ["run"], ["updateBranch"], ["startJob"], ["pollJob", "checks"], WRITES];

export function callMoments(options: CallMomentOptions): KillMoments<Line, Moment> {
  const { random } = options;
  return {
    names: MOMENTS,
    pick({ network }) {
      const dice = random();
      // With a proxy that sees commits, one in four kills is timed by a commit.
      if (network !== null && random() < 0.25) return pick(random, ["before-commit", "after-commit"] as const);
      if (dice < 0.07) return "starting";
      if (dice < 0.4) return "driving";
      if (dice < 0.55) return "before-call";
      return dice < 0.9 ? "after-call" : "together";
    },
    reached: (occupant, moment) => untilMoment(options, occupant, moment),
  };
}

/** Resolves at the moment of the kill, with its kind: a trap that is not triggered becomes a kill at any time. */
async function untilMoment(options: CallMomentOptions, occupant: Occupant<Line>, moment: Moment): Promise<Moment> {
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
function setTraps(options: CallMomentOptions, { worker, place }: Occupant<Line>, moment: Moment, spring: () => void): () => void {
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
