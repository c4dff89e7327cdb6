/**
 * A second account of what was spent (P6, I9). Owns: what each landed commit said was spent and reserved. Does not take from the
 * store what it checks of it: costs are what the agents really took.
 * 1. What a scope counts as settled is what was spent in it, each key once.
 * 2. A commit that reserves leaves no scope of it above its cap.
 * 3. A scope is never further above its cap than one overshoot for each call that can be in flight; a call that began in another
 *    month had its reservation there, and overshoots with all it costs.
 * 4. Nothing is reserved below nothing, and nothing stays reserved when no call is in flight.
 */
import type { WorkspaceSettings } from "@millrace/contracts";
import type { Change, Store } from "@millrace/kernel";
import type { Spent } from "./agents.js";
import { capOf, COSTS_AT_MOST, RESERVED } from "./settings.logic.js";
import type { Violation } from "./violation.js";

export interface LedgerOptions {
  readonly store: Pick<Store, "spend">;
  readonly workspaceId: string;
  readonly spent: Spent;
  readonly settings: WorkspaceSettings;
  /** Tasks there are: each has at most one live run, and that one at most one call. */
  readonly tasks: number;
}

export class Ledger {
  readonly #options: LedgerOptions;
  readonly #settled = new Map<string, number>();
  readonly #counted = new Set<string>();
  /** Settings that ever held: a request that set older ones may arrive late, after somebody was allowed more. */
  readonly #settings: WorkspaceSettings[];

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#settings = [options.settings];
  }

  /** Takes a commit that landed into account, and compares. */
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

  /** No call is in flight: nothing is reserved. */
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
