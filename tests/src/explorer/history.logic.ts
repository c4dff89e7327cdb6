/**
 * What loops remember, reduced to what still counts: the engine ends a loop whose rounds repeat each other, so two states
 * with other pasts are one only while no decision can tell these pasts apart.
 */
import type { StepState } from "@millrace/contracts";

type Row = Readonly<Record<string, unknown>>;

/** How many rounds a loop looks back at. */
const ROUNDS = 5;

/** Of a companion's ratings, a gate's repairs and a helper's attempts, what may still end their loop. */
export function ofHistory({ ratings, repairs, log }: StepState): unknown {
  return [ratingsThatCount(rows(ratings)), repairsThatCount(rows(repairs)), attemptsThatCount(rows(log))];
}

/** A round that passed ended its loop. */
function ratingsThatCount(ratings: readonly Row[]): unknown {
  const loop = ratings.slice(ratings.findLastIndex(({ passed }) => passed === true) + 1);
  return loop.slice(-ROUNDS).map(({ rating, findings }) => [rating, findings]);
}

/** Repairs are in vain in a row: on one head, or where the same fails. */
function repairsThatCount(repairs: readonly Row[]): unknown {
  const last = repairs.at(-1);
  const before = repairs.findLastIndex(({ head, failing }) => head !== last?.["head"] && (failing ?? null) === null);
  return repairs.slice(before + 1).map(({ head, failing }) => [head, failing]);
}

/** The breaker looks at two attempts in a row that failed in one way on one head, for reasons that are not their work. */
function attemptsThatCount(log: readonly Row[]): unknown {
  const last = log.at(-1);
  const code = breakingCode(last);
  if (code === null) return [];
  const before = log.at(-2);
  return [last?.["head"], code, before?.["head"] === last?.["head"] && breakingCode(before) === code];
}

/** Failures that say only that the work was not good enough open no breaker. */
const OF_THE_WORK: readonly unknown[] = ["nothing_committed", "base_not_merged"];

function breakingCode(attempt: Row | undefined): unknown {
  const failure = attempt?.["failure"];
  if (typeof failure !== "object" || failure === null || !("code" in failure) || OF_THE_WORK.includes(failure.code)) return null;
  return failure.code;
}

function rows(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value : [];
}
