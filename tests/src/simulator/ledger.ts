/**
 * An independent account of spending (P6, I9, I15). Owns: the spending and reservations of every landed commit. Does not read from the store
 * what it checks: costs are those that the agents really had.
 * 1. The settled amount of a scope is the sum of the costs in it, each key once.
 * 2. A commit that reserves leaves none of its scopes above the cap.
 * 3. A scope exceeds its cap by at most one overshoot for each call in flight. A call that began in another month has its reservation
 *    there, and overshoots by its whole cost.
 * 4. Reservations are never negative, are zero when no call is in flight, and are not where one is that a cap applies to.
 * 5. What a call spent is settled in the commit after which it is no longer in flight, whatever came of it; a cost that the agent does not
 *    say is what was reserved. At rest the totals of each run, each task and the workspace are the sums of what was spent.
 */
import type { Run, WorkspaceSettings } from "@millrace/contracts";
import type { Change, Store } from "@millrace/kernel";
import type { SpendByKey } from "./agents.js";
import { capOf, COSTS_AT_MOST } from "./settings.logic.js";
import type { SettingsInForce } from "./settings-in-force.js";
import type { Violation } from "./violation.js";

export interface LedgerOptions {
  readonly store: Pick<Store, "spend">;
  readonly workspaceId: string;
  readonly spent: SpendByKey;
  /** All of them count that were ever in force: a late request may apply older ones after a cap was raised. */
  readonly settings: SettingsInForce<WorkspaceSettings>;
  /** Number of tasks. Each has at most one live run with at most one call in flight. */
  readonly tasks: number;
}

export class Ledger {
  readonly #options: LedgerOptions;
  readonly #settled = new Map<string, number>();
  /** What each counted key cost. */
  readonly #counted = new Map<string, number>();
  /** Reservation of each run. */
  readonly #reserved = new Map<string, number>();
  readonly #reserveMicros: number;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#reserveMicros = options.settings.current.budget.reserveJobMicros;
  }

  /** Books a landed commit, and compares with the store. */
  async landed(changes: readonly Change[]): Promise<readonly Violation[]> {
    const touched = new Set<string>();
    const guarded = new Map<string, string>();
    for (const change of changes) {
      if (change.change === "record-usage") this.#record(change).forEach((scope) => touched.add(scope));
      if (change.change !== "reserve-spend") continue;
      this.#reserved.set(change.runId, change.micros);
      for (const { scope } of change.caps) touched.add(scope);
      if (change.micros > 0) for (const { scope } of change.caps) guarded.set(scope, change.runId);
    }
    const broken: Violation[] = [];
    for (const scope of touched) broken.push(...(await this.#compare(scope, guarded.get(scope) ?? null)));
    return broken;
  }

  /** Checks a run after a commit. `inFlight`: the key of its call; `isMetered`: the call costs money and is not held. */
  async ofRun(run: Run, inFlight: string | null, isMetered: boolean): Promise<readonly Violation[]> {
    const broken: Violation[] = [];
    for (const [key, { runId }] of this.#options.spent) {
      if (runId !== run.id || this.#counted.has(key) || key.replace(/\+repair$/u, "") === inFlight) continue;
      broken.push({ rule: "I15", message: `'${key}' is over, and what it spent is not settled` });
    }
    for (const scope of isMetered ? [`task/${run.blockId}`, `run/${run.id}`] : []) {
      if (this.#capOf(scope) === Number.POSITIVE_INFINITY || (await this.#total(scope)).reservedMicros > 0) continue;
      broken.push({ rule: "I9", message: `'${inFlight}' costs money, and nothing is reserved in '${scope}'` });
    }
    return broken;
  }

  /** Checks that what was spent by each run, each task and the workspace is what is settled. */
  async balance(runs: readonly Run[]): Promise<readonly Violation[]> {
    const spentBy = new Map<string, number>();
    const add = (scope: string, cost: number): void => void spentBy.set(scope, (spentBy.get(scope) ?? 0) + cost);
    const blockOf = new Map(runs.map((run) => [run.id, run.blockId]));
    for (const [key, { runId, micros }] of this.#options.spent) {
      const cost = micros ?? this.#counted.get(key) ?? 0;
      for (const scope of [`run/${runId}`, `task/${blockOf.get(runId) ?? ""}`, "workspace"]) add(scope, cost);
    }
    const months = [...this.#settled.keys()].filter((scope) => scope.startsWith("month/"));
    const settledIn = async (scopes: readonly string[]): Promise<number> => {
      const totals = await Promise.all(scopes.map((scope) => this.#total(scope)));
      return totals.reduce((sum, { settledMicros }) => sum + settledMicros, 0);
    };
    const broken: Violation[] = [];
    for (const [scope, cost] of spentBy) {
      const settled = await settledIn(scope === "workspace" ? months : [scope]);
      if (settled !== cost) broken.push({ rule: "I15", message: `'${scope}' spent ${cost}, and ${settled} are settled` });
    }
    return broken;
  }

  /** Checks that nothing is reserved while no call is in flight. */
  async atRest(): Promise<readonly Violation[]> {
    const broken: Violation[] = [];
    for (const scope of this.#settled.keys()) {
      const { reservedMicros } = await this.#total(scope);
      if (reservedMicros !== 0)
        broken.push({ rule: "P6", message: `${reservedMicros} of '${scope}' stay reserved, and no call is in flight` });
    }
    return broken;
  }

  #record({ usage, scopes = [] }: Extract<Change, { change: "record-usage" }>): readonly string[] {
    if (this.#counted.has(usage.key)) return [];
    const cost = this.#options.spent.get(usage.key)?.micros ?? this.#reserved.get(usage.runId) ?? 0;
    this.#counted.set(usage.key, cost);
    for (const scope of scopes) this.#settled.set(scope, (this.#settled.get(scope) ?? 0) + cost);
    return scopes;
  }

  /** `guardedFor`: the run whose call the commit reserves for; null: it reserves for none. */
  async #compare(scope: string, guardedFor: string | null): Promise<readonly Violation[]> {
    const { settledMicros, reservedMicros } = await this.#total(scope);
    const expected = this.#settled.get(scope) ?? 0;
    this.#settled.set(scope, expected);
    const cap = this.#capOf(scope);
    const total = settledMicros + reservedMicros;
    const allowed = guardedFor === null ? Number.POSITIVE_INFINITY : this.#capOf(scope, guardedFor);
    const months = [...this.#settled.keys()].filter((one) => one.startsWith("month/")).length;
    const overshoot =
      (scope.startsWith("month/") && months > 1 ? COSTS_AT_MOST : COSTS_AT_MOST - this.#reserveMicros) * this.#options.tasks;
    const broken = (isBroken: boolean, rule: Violation["rule"], message: string): readonly Violation[] =>
      isBroken ? [{ rule, message }] : [];
    return [
      ...broken(settledMicros !== expected, "P6", `'${scope}' counts ${settledMicros} as spent, and ${expected} were`),
      ...broken(reservedMicros < 0, "P6", `${reservedMicros} of '${scope}' are reserved`),
      ...broken(total > allowed, "I9", `a call was allowed that takes '${scope}' to ${total} of ${allowed}`),
      ...broken(total > cap + overshoot, "P6", `'${scope}' is at ${total} of ${cap}: more than ${overshoot} above it`),
    ];
  }

  /** The highest cap that was in force: since the last commit of a run, or ever. */
  #capOf(scope: string, runId?: string): number {
    return Math.max(...this.#options.settings.sinceCommitOf(runId ?? "").map((settings) => capOf(scope, settings)));
  }

  #total(scope: string): ReturnType<Store["spend"]["total"]> {
    return this.#options.store.spend.total(this.#options.workspaceId, scope);
  }
}
