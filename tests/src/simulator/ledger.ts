/**
 * An independent account of spending (P6, I9). Owns: the spending and reservations of every landed commit. Does not read from the store
 * what it checks: costs are those that the agents really had.
 * 1. The settled amount of a scope is the sum of the costs in it, each key once.
 * 2. A commit that reserves leaves none of its scopes above the cap.
 * 3. A scope exceeds its cap by at most one overshoot for each call in flight. A call that began in another month has its reservation
 *    there, and overshoots by its whole cost.
 * 4. Reservations are never negative, and are zero when no call is in flight.
 */
import type { WorkspaceSettings } from "@millrace/contracts";
import type { Change, Store } from "@millrace/kernel";
import type { SpendByKey } from "./agents.js";
import { capOf, COSTS_AT_MOST, RESERVED } from "./settings.logic.js";
import type { Violation } from "./violation.js";

export interface LedgerOptions {
  readonly store: Pick<Store, "spend">;
  readonly workspaceId: string;
  readonly spent: SpendByKey;
  readonly settings: WorkspaceSettings;
  /** Number of tasks. Each has at most one live run with at most one call in flight. */
  readonly tasks: number;
}

export class Ledger {
  readonly #options: LedgerOptions;
  readonly #settled = new Map<string, number>();
  readonly #counted = new Set<string>();
  /** All settings so far: a late request may apply older ones after a cap was raised. */
  readonly #settings: WorkspaceSettings[];

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#settings = [options.settings];
  }

  /** Books a landed commit, and compares with the store. */
  async landed(changes: readonly Change[]): Promise<readonly Violation[]> {
    const touched = new Set<string>();
    const guarded = new Set<string>();
    for (const change of changes) {
      if (change.change === "put-settings") this.#settings.push(change.settings);
      if (change.change === "record-usage") this.#record(change).forEach((scope) => touched.add(scope));
      if (change.change !== "reserve-spend") continue;
      for (const { scope } of change.caps) touched.add(scope);
      if (change.micros > 0) for (const { scope } of change.caps) guarded.add(scope);
    }
    const broken: Violation[] = [];
    for (const scope of touched) broken.push(...(await this.#compare(scope, guarded.has(scope))));
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
    this.#counted.add(usage.key);
    const cost = this.#options.spent.get(usage.key)?.micros ?? RESERVED;
    for (const scope of scopes) this.#settled.set(scope, (this.#settled.get(scope) ?? 0) + cost);
    return scopes;
  }

  async #compare(scope: string, isGuarded: boolean): Promise<readonly Violation[]> {
    const { settledMicros, reservedMicros } = await this.#total(scope);
    const expected = this.#settled.get(scope) ?? 0;
    this.#settled.set(scope, expected);
    const cap = Math.max(...this.#settings.map((settings) => capOf(scope, settings)));
    const total = settledMicros + reservedMicros;
    const months = [...this.#settled.keys()].filter((one) => one.startsWith("month/")).length;
    const overshoot = (scope.startsWith("month/") && months > 1 ? COSTS_AT_MOST : COSTS_AT_MOST - RESERVED) * this.#options.tasks;
    const broken = (isBroken: boolean, rule: Violation["rule"], message: string): readonly Violation[] =>
      isBroken ? [{ rule, message }] : [];
    return [
      ...broken(settledMicros !== expected, "P6", `'${scope}' counts ${settledMicros} as spent, and ${expected} were`),
      ...broken(reservedMicros < 0, "P6", `${reservedMicros} of '${scope}' are reserved`),
      ...broken(isGuarded && total > cap, "I9", `a call was allowed that takes '${scope}' to ${total} of ${cap}`),
      ...broken(total > cap + overshoot, "P6", `'${scope}' is at ${total} of ${cap}: more than ${overshoot} above it`),
    ];
  }

  #total(scope: string): ReturnType<Store["spend"]["total"]> {
    return this.#options.store.spend.total(this.#options.workspaceId, scope);
  }
}
