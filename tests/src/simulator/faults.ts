/** Faults between a process and its ports, with counters. */
import type { Block, PullRequestRef } from "@millrace/contracts";
import { MillraceError, type Clock, type RunRecord } from "@millrace/kernel";
import type { Around, PortCall } from "@millrace/testing";
import type { Random } from "./random.logic.js";
import type { Scheduler } from "./scheduler.js";
import type { Watcher } from "./watcher.js";

export const faultKinds = [
  "crash before commit",
  "crash after commit",
  "crash around an effect",
  "crash elsewhere",
  "lost reply of a commit",
  "lost reply of an effect",
  "effect refused",
  "effect of a dead process",
  "commit of a dead process",
  "stale read",
  "slow call overtaken",
  "slow effect",
  "reordered effects",
  "duplicate wake-up",
  "clock jump",
  "clock skew",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Probability of each fault for a call that it applies to. */
const ODDS = { crashAtCommit: 0.02, crashAtEffect: 0.03, lostReply: 0.04, refused: 0.04, stale: 0.04, late: 0.3, readPauses: 0.2 } as const;

/** Calls with effects outside the store. */
const EFFECTS: ReadonlySet<string> = new Set([
  "agents.run",
  "agents.startJob",
  "agents.stopJob",
  "forge.openPullRequest",
  "forge.updateBranch",
  "forge.merge",
  "environments.provision",
  "environments.takeDown",
  "tracker.fileIssue",
  "incidents.enrich",
]);

/** Effects whose arguments contain their key. */
const KEYED: ReadonlySet<string> = new Set([
  "agents.run",
  "agents.startJob",
  "environments.provision",
  "tracker.fileIssue",
  "incidents.enrich",
]);

/** Asked for all models of a run at once: one that paused would be taken for an executor that cannot tell. */
const TOGETHER: ReadonlySet<string> = new Set(["agents.resolveModel", "agents.rateOf"]);

/** A request that is still in transit although its sender has crashed. */
export interface LateRequest {
  readonly is: "commit of a dead process" | "effect of a dead process";
  readonly act: () => Promise<unknown>;
}

export interface FaultsOptions {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly watcher: Watcher;
  readonly trace: (line: string) => void;
}

export class Faults {
  readonly counts: Record<FaultKind, number>;
  readonly late: LateRequest[] = [];
  isOn = true;
  readonly #options: FaultsOptions;
  /** Runs of whose revision the last reader was told an older one: it does not know of their stop. */
  readonly #misled = new Set<string>();
  /** Number of effects requested so far, by which reordering is counted. */
  #asked = 0;
  #performed = 0;

  constructor(options: FaultsOptions) {
    this.#options = options;
    this.counts = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  }

  count(kind: FaultKind): void {
    this.counts[kind] += 1;
    this.#options.trace(`  fault: ${kind}`);
  }

  /** Interceptor for the ports of one process. `onDeath` is called when the process dies in a call. */
  around(onDeath: () => void): Around {
    return async (call, act) => {
      const name = `${call.port}.${call.method}`;
      if (name === "store.commit") return this.#commit(call, act, onDeath);
      if (EFFECTS.has(name)) return this.#effect(name, call, act, onDeath);
      return this.#read(name, call, act);
    };
  }

  async #commit(call: PortCall, act: () => Promise<unknown>, onDeath: () => void): Promise<unknown> {
    const { scheduler, watcher } = this.#options;
    const [changes] = call.args;
    const land = (): Promise<unknown> => watcher.commit(changes as Parameters<Watcher["commit"]>[0], act);
    await scheduler.park("a commit");
    if (this.#draw(ODDS.crashAtCommit)) {
      this.count("crash before commit");
      if (this.#draw(ODDS.late)) this.late.push({ is: "commit of a dead process", act: land });
      return this.#die(onDeath);
    }
    const answer = await land();
    if (this.#draw(ODDS.crashAtCommit)) {
      this.count("crash after commit");
      return this.#die(onDeath);
    }
    await scheduler.park("the reply to a commit");
    if (this.#draw(ODDS.lostReply)) {
      this.count("lost reply of a commit");
      throw broken();
    }
    return answer;
  }

  async #effect(name: string, call: PortCall, act: () => Promise<unknown>, onDeath: () => void): Promise<unknown> {
    const { scheduler, watcher, clock } = this.#options;
    if (name === "forge.merge") watcher.mergeSent((call.args[1] as PullRequestRef).number, this.#misled);
    this.#asked += 1;
    const [number, since] = [this.#asked, clock.now()];
    const perform = (): Promise<unknown> => {
      const [request] = call.args;
      if (KEYED.has(name)) watcher.asked(keyOf(request));
      if (number < this.#performed) this.count("reordered effects");
      this.#performed = Math.max(number, this.#performed);
      return act();
    };
    await scheduler.park(name);
    if (clock.now() > since) this.count("slow effect");
    if (this.#draw(ODDS.refused)) {
      this.count("effect refused");
      throw broken();
    }
    if (this.#draw(ODDS.crashAtEffect)) {
      this.count("crash around an effect");
      if (this.#draw(ODDS.late)) this.late.push({ is: "effect of a dead process", act: perform });
      return this.#die(onDeath);
    }
    const result = await perform();
    if (this.#draw(ODDS.crashAtEffect)) {
      this.count("crash around an effect");
      return this.#die(onDeath);
    }
    await scheduler.park(`the reply to ${name}`);
    if (this.#draw(ODDS.lostReply)) {
      this.count("lost reply of an effect");
      throw broken();
    }
    return result;
  }

  async #read(name: string, call: PortCall, act: () => Promise<unknown>): Promise<unknown> {
    if (!TOGETHER.has(name) && this.#draw(ODDS.readPauses)) await this.#options.scheduler.park(name);
    const result = await act();
    const stale = this.#isStaleable(name) && this.#draw(ODDS.stale) ? this.#options.watcher.older(String(call.args[1])) : null;
    if (name === "store.runs.revision") this.#misled.delete(String(call.args[1]));
    if (stale === null) return result;
    this.count("stale read");
    if (name === "store.runs.revision") this.#misled.add(String(call.args[1]));
    return name === "store.runs.revision" ? revisionOf(stale) : structuredClone(stale);
  }

  #isStaleable(name: string): boolean {
    return name === "store.runs.get" || name === "store.runs.revision" || name === "store.blocks.get";
  }

  /** Draws with a probability; false without a draw once the faults are off. */
  #draw(probability: number): boolean {
    return this.isOn && this.#options.random.chance(probability);
  }

  #die(onDeath: () => void): Promise<never> {
    onDeath();
    return this.#options.scheduler.die();
  }
}

function broken(): MillraceError {
  return new MillraceError("unavailable", "the connection broke");
}

function keyOf(request: unknown): string {
  return typeof request === "object" && request !== null && "key" in request ? String(request.key) : "";
}

function revisionOf(record: RunRecord | Block): number | null {
  return "revision" in record ? record.revision : null;
}
