import { costOf, type ModelPrice } from "@millrace/agents";
import type { ModelGrant, ModelSpend, TokenCounts } from "@millrace/kernel";
import type { ModelCallEnd } from "../options.js";
import type { Reading } from "../wire/wire-format.port.js";
import { Allowance, type CallReservation } from "./allowance.js";

/** Ends of calls that a provider has not worked on. */
const FREE_ENDS: ReadonlySet<ModelCallEnd> = new Set(["refused", "unreached"]);
const NO_TOKENS: TokenCounts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** Books the calls of one door against its reservation. */
export class Ledger {
  readonly #model: string;
  readonly #price: ModelPrice | null;
  readonly #allowance: Allowance;
  #tokens: TokenCounts | null;
  #calls: number;
  #estimatedCalls: number;

  constructor({ model, reservationMicros, resumes }: ModelGrant, price: ModelPrice | null) {
    const before = resumes?.spend;
    this.#model = model;
    this.#price = price;
    this.#allowance = new Allowance(reservationMicros, before?.usage.costMicros ?? 0);
    this.#tokens = before?.usage.tokens ?? null;
    this.#calls = before?.calls ?? 0;
    this.#estimatedCalls = before?.estimatedCalls ?? 0;
  }

  /** Null when the reservation does not cover it. */
  reserve(micros: number): CallReservation | null {
    return this.#allowance.reserve(micros);
  }

  /** Settles a call and returns what it cost. Without final counts: its reservation, or what was counted when that is more. */
  settle(reservation: CallReservation, end: ModelCallEnd, { tokens, isComplete }: Reading): number {
    if (FREE_ENDS.has(end)) {
      reservation.settle(0);
      return 0;
    }
    const counted = tokens === null || this.#price === null ? null : costOf(tokens, this.#price);
    const isCounted = isComplete && counted !== null;
    const cost = isCounted ? counted : Math.max(reservation.micros, counted ?? 0);
    reservation.settle(cost);
    this.#calls += 1;
    if (!isCounted) this.#estimatedCalls += 1;
    if (tokens !== null) this.#tokens = sum(this.#tokens ?? NO_TOKENS, tokens);
    return cost;
  }

  /** The use of the door if the calls in flight were cut now. */
  spendIfCut(): ModelSpend {
    const { usage, calls, estimatedCalls, overshootMicros } = this.spend();
    const { open, settledMicros, reservedMicros } = this.#allowance;
    return {
      usage: { ...usage, costMicros: settledMicros + reservedMicros },
      calls: calls + open,
      estimatedCalls: estimatedCalls + open,
      overshootMicros,
    };
  }

  spend(): ModelSpend {
    const tokens = this.#calls === 0 ? NO_TOKENS : this.#tokens;
    return {
      usage: { model: this.#model, tokens, costMicros: this.#allowance.settledMicros },
      calls: this.#calls,
      estimatedCalls: this.#estimatedCalls,
      overshootMicros: this.#allowance.overshootMicros,
    };
  }
}

function sum(a: TokenCounts, b: TokenCounts): TokenCounts {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  };
}
