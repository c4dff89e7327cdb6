/**
 * The memory of loops, reduced to what still matters. The engine ends a loop whose rounds repeat each other, so two states with
 * different histories are one only while no decision can tell the histories apart.
 */
import type { StepState } from "@millrace/contracts";

type Row = Readonly<Record<string, unknown>>;

/** Number of rounds that a loop compares. */
const ROUNDS = 5;

/** The part of a companion's ratings, a gate's repairs and a helper's attempts that may still end their loop. */
export function ofHistory({ ratings, repairs, log }: StepState): unknown {
  return [ratingsThatCount(rows(ratings)), repairsThatCount(rows(repairs)), attemptsThatCount(rows(log))];
}

/** Ratings since the last one that passed, which ended its loop. */
function ratingsThatCount(ratings: readonly Row[]): unknown {
  const loop = ratings.slice(ratings.findLastIndex(({ passed }) => passed === true) + 1);
  return loop.slice(-ROUNDS).map(({ rating, findings }) => [rating, findings]);
}

/** Repairs since the last one on another head without a failing check: only these can count as stagnation. */
function repairsThatCount(repairs: readonly Row[]): unknown {
  const last = repairs.at(-1);
  const before = repairs.findLastIndex(({ head, failing }) => head !== last?.["head"] && (failing ?? null) === null);
  return repairs.slice(before + 1).map(({ head, failing }) => [head, failing]);
}

/** The last attempt, when it may open the circuit breaker: two equal operational failures on one head do. */
function attemptsThatCount(log: readonly Row[]): unknown {
  const last = log.at(-1);
  const code = breakingCode(last);
  if (code === null) return [];
  const before = log.at(-2);
  return [last?.["head"], code, before?.["head"] === last?.["head"] && breakingCode(before) === code];
}

/** Failure codes of insufficient work, which do not open the circuit breaker. */
const OF_THE_WORK: readonly unknown[] = ["nothing_committed", "base_not_merged"];

function breakingCode(attempt: Row | undefined): unknown {
  const failure = attempt?.["failure"];
  if (typeof failure !== "object" || failure === null || !("code" in failure) || OF_THE_WORK.includes(failure.code)) return null;
  return failure.code;
}

function rows(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value : [];
}
