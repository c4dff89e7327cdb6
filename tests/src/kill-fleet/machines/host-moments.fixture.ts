/** Moments of kills of hosts with real jobs: around commits, and while their git works, which leaves locks behind. */
import { readFile, readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { KillMoments, Occupant } from "../killer.fixture.js";
import { pick, type Random } from "../random.logic.js";
import type { Seat } from "./seat.js";

const MOMENTS = ["starting", "driving", "in-git", "before-commit", "after-commit", "together"] as const;
type Moment = (typeof MOMENTS)[number];

const STARTING_MS = 1500;
/** Events that a worker lives for, of all workers, before its moment. */
const LIFETIME_EVENTS = 24;
/** Longest time for that, in ms: twice as long after each life without an event, or a slow computer would get nowhere between two kills. */
const LIFETIME_MS = 10_000;
const LONGEST_LIFETIME_MS = 160_000;
/** Time that a moment is waited for before the kill comes all the same, in ms. */
const TRAP_MS = 2500;
const POLL_MS = 10;

export interface HostMomentOptions {
  readonly random: Random;
  /** Number of events in the log, as last seen. */
  events(this: void): number;
  /** Resolves when the process is not stopped: a worker that sleeps beyond its lease is not killed meanwhile. */
  isAwake(this: void, pid: number | null): Promise<void>;
}

export function hostMoments({ random, events, isAwake }: HostMomentOptions): KillMoments<Seat, Moment> {
  let lifetimeMs = LIFETIME_MS;
  const reached = async (occupant: Occupant<Seat>, moment: Moment): Promise<Moment> => {
    const { worker } = occupant;
    if (moment === "starting") {
      await delay(random() * STARTING_MS);
      return moment;
    }
    await worker.ready;
    // Measured in events, so that runs get on between two kills on any computer.
    const before = events();
    const enough = before + Math.floor(random() * LIFETIME_EVENTS);
    for (const until = performance.now() + lifetimeMs; events() < enough && performance.now() < until;) await delay(POLL_MS);
    lifetimeMs = events() > before || events() >= enough ? LIFETIME_MS : Math.min(2 * lifetimeMs, LONGEST_LIFETIME_MS);
    if (moment === "driving" || moment === "together") return moment;
    return (await (moment === "in-git" ? killInGit(occupant) : killAtCommit(occupant, moment))) ? moment : "driving";
  };
  return {
    names: MOMENTS,
    pick({ line }) {
      if (line.network !== null && random() < 0.25) return pick(random, ["before-commit", "after-commit"] as const);
      const dice = random();
      if (dice < 0.07) return "starting";
      if (dice < 0.5) return "driving";
      return dice < 0.92 ? "in-git" : "together";
    },
    async reached(occupant, moment) {
      const became = await reached(occupant, moment);
      await isAwake(occupant.worker.pid);
      return became;
    },
  };
}

function killAtCommit({ worker, place }: Occupant<Seat>, moment: "before-commit" | "after-commit"): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const forget = place.line.network?.trapCommit(moment === "before-commit" ? "before" : "after", () => {
    worker.kill();
    resolve(true);
  });
  const limit = setTimeout(() => resolve(false), TRAP_MS);
  return promise.finally(() => {
    clearTimeout(limit);
    forget?.();
  });
}

/** Kills a worker together with the git that it has just started. */
async function killInGit({ worker }: Occupant<Seat>): Promise<boolean> {
  const deadline = performance.now() + TRAP_MS;
  for (; worker.pid !== null && performance.now() < deadline; await delay(POLL_MS)) {
    const gits = await gitsOf(worker.pid);
    if (gits.length === 0) continue;
    worker.kill();
    for (const pid of gits) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself meanwhile.
      }
    }
    return true;
  }
  return false;
}

async function gitsOf(parent: number): Promise<readonly number[]> {
  const ids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const stat = await readFile(`/proc/${id}/stat`, "latin1").catch(() => "");
      const rest = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return stat.includes("(git)") && Number(rest[1]) === parent ? [Number(id)] : [];
    }),
  );
  return found.flat();
}
