/**
 * What else happens in a world: a forge that misbehaves, clocks that step, hosts that sleep, services that are away, settings that change
 * at any moment, and deeds of people. Its choices come from a random source of its own, so that a world without it replays as it was.
 */
import type { Coverage } from "../coverage.logic.js";
import type { Process } from "../fleet.js";
import type { Random } from "../random.logic.js";
import type { Scheduler } from "../scheduler.js";
import type { Users } from "../users.js";
import type { Deeds } from "./deeds.js";
import type { ForgeEvents } from "./forge-events.js";
import { deeds, forgeEvents, outages, timeEvents, type DeedOfPeople, type Disturbance, type Outage } from "./kinds.logic.js";
import type { Outages } from "./outages.js";
import type { TimeEvents } from "./time-events.js";

/** Share of events that are disturbances. */
const SHARE = 0.06;
/** The same while a merge is under way, which is one call: what may come between would hardly ever be drawn. */
const SHARE_AT_A_MERGE = 0.5;
/** Share of disturbances at a merge by which a person takes the task back and starts it over. */
const STARTED_OVER = 0.6;
/** Longest outage in ms: longer than a call is repeated at once, than a gate waits, and than a stop is patient. */
const AWAY_MS = 60 * 60_000;
/** People and the forge answer sooner or later: what keeps every task from its end is over after so many events. */
const HEALED_AFTER = 150;

export interface DisturbancesOptions {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly processes: readonly Process[];
  readonly users: Users;
  /** Whether the outcome of a merge is not known. */
  readonly isMerging: () => boolean;
  readonly coverage: Coverage;
  readonly forge: ForgeEvents;
  readonly time: TimeEvents;
  readonly outages: Outages;
  readonly deeds: Deeds;
  readonly trace: (line: string) => void;
}

export class Disturbances {
  readonly #options: DisturbancesOptions;
  #sinceHealed = 0;

  constructor(options: DisturbancesOptions) {
    this.#options = options;
  }

  begin(): Promise<void> {
    return this.#options.forge.begin();
  }

  /** Before each event of the world: whether a disturbance takes its place. */
  isDue(): boolean {
    this.#options.time.tick();
    return this.#options.random.chance(this.#options.isMerging() ? SHARE_AT_A_MERGE : SHARE);
  }

  async happen(): Promise<void> {
    const { random, coverage, forge } = this.#options;
    this.#sinceHealed += 1;
    if (this.#sinceHealed > HEALED_AFTER * SHARE * 2) {
      this.#sinceHealed = 0;
      await forge.calm();
    }
    if (this.#options.isMerging() && random.chance(STARTED_OVER)) return this.#startOver();
    const kind = random.weighted<Disturbance>({ ...forgeEvents, ...timeEvents, ...outages, ...deeds, ...this.#queueOdds() });
    if (!(await this.#do(kind))) return;
    coverage.count(kind);
    this.#options.trace(`disturbance: ${kind}`);
  }

  /** Nothing disturbs from now on. */
  async calm(): Promise<void> {
    const { forge, time } = this.#options;
    this.#options.outages.end();
    time.calm();
    await forge.calm();
  }

  /** What the forge's own queue has, it handles in time. */
  async afterAdvance(): Promise<void> {
    const { random, forge, coverage } = this.#options;
    if (!forge.hasQueued) return;
    const kind = random.chance(0.2) ? "merge queue took out" : "merge queue landed";
    if (await forge.happen(kind)) coverage.count(kind);
  }

  /** Something in the queue does not stay there for long. */
  #queueOdds(): Partial<Record<Disturbance, number>> {
    return this.#options.forge.hasQueued ? { "merge queue landed": 60, "merge queue took out": 20 } : {};
  }

  async #do(kind: Disturbance): Promise<boolean> {
    if (isOf(forgeEvents, kind)) return this.#options.forge.happen(kind);
    if (isOf(timeEvents, kind)) return this.#options.time.happen(kind);
    if (isOf(outages, kind)) return this.#goAway(kind);
    return this.#act(kind);
  }

  #goAway(kind: Outage): boolean {
    const ms = this.#options.random.below(AWAY_MS);
    if (kind === "forge away") this.#options.outages.begin("forge", ms);
    else if (kind === "credentials revoked") this.#options.outages.begin("credentials", ms);
    else this.#options.outages.begin("agents", ms, kind === "jobs out of sight");
    return true;
  }

  async #startOver(): Promise<void> {
    const { random, processes, users, scheduler, time } = this.#options;
    const awake = processes.filter((process) => !time.isAsleep(process));
    if (awake.length === 0) return;
    const { name, engine } = random.pick(awake);
    await scheduler.spawn(name, "start over", () => users.act("start over", engine));
  }

  async #act(kind: DeedOfPeople): Promise<boolean> {
    const { random, processes, users, deeds: people, scheduler } = this.#options;
    const awake = processes.filter((process) => !this.#options.time.isAsleep(process));
    if (awake.length === 0) return false;
    const one = random.pick(awake);
    if (kind === "two people answered at once") {
      const answer = people.answerTwice();
      if (answer === null) return false;
      const other = random.pick(awake);
      await scheduler.spawn(one.name, "grace answers", () => answer(one.engine, "grace"));
      await scheduler.spawn(other.name, "alan answers", () => answer(other.engine, "alan"));
      return true;
    }
    const act = people.prepare(kind);
    if (act === null) return false;
    await scheduler.spawn(one.name, kind, () => users.tried(kind, () => act(one.engine)));
    return true;
  }
}

function isOf<Kind extends string>(kinds: Readonly<Record<Kind, number>>, kind: string): kind is Kind {
  return kind in kinds;
}
