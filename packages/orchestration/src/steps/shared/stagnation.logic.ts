/** Stagnation: a loop ends before its budget when its rounds repeat each other, because more of them would change nothing (promise P8). */
import { compareRounds, ROUNDS_KEPT, type Fingerprint } from "./findings.logic.js";

/** Rounds in a row without progress that end a review or a test loop; one alone may be chance. */
const STALE_ROUNDS = 2;
/** Repairs in a row, without a change of what fails, that end a gate. */
const VAIN_REPAIRS = 3;

/** Outcome of one round of a loop. */
export interface Round {
  readonly findings: readonly Fingerprint[];
  /** Higher is better; null where the loop has no score. */
  readonly rating: number | null;
}

/** Why a loop should end now; null when it may go on. The newest round is the last; rounds beyond `ROUNDS_KEPT` do not count. */
export function stagnation(rounds: readonly Round[]): string | null {
  const kept = rounds.slice(-ROUNDS_KEPT);
  const stale = kept.filter((round, index) => index >= kept.length - STALE_ROUNDS && isStale(kept.slice(0, index), round));
  if (stale.length < STALE_ROUNDS) return null;
  const now = kept.at(-1);
  const { repeated, reseeded } = compareRounds(
    kept.slice(0, -1).map(({ findings }) => findings),
    now?.findings ?? [],
  );
  const back = reseeded.length === 0 ? "" : `, ${reseeded.length} were gone and came back`;
  return `no progress in ${STALE_ROUNDS} rounds: nothing it finds is new (${repeated.length} repeated${back}), and nothing got better`;
}

/** Whether a round has nothing new, no fewer findings than the best round so far, and no better rating. The measure can only improve finitely often. */
function isStale(earlier: readonly Round[], { findings, rating }: Round): boolean {
  if (earlier.length === 0) return false;
  const { fresh } = compareRounds(
    earlier.map((round) => round.findings),
    findings,
  );
  const fewest = Math.min(...earlier.map((round) => round.findings.length));
  const best = Math.max(...earlier.map((round) => round.rating ?? -Infinity));
  return fresh.length === 0 && findings.length >= fewest && !(rating !== null && rating > best);
}

/** A head that a helper was sent for, and the fingerprint of what failed on it; null when the checks do not say why they failed. */
export interface RepairRound {
  readonly head: string;
  readonly failing: Fingerprint | null;
}

/** Why another repair is not worth it; null when it may help. `sent` are the earlier repairs, `now` is the current observation of the gate. */
export function repairsInVain(sent: readonly RepairRound[], now: RepairRound): string | null {
  let vain = 0;
  for (const round of sent.toReversed()) {
    if (round.head !== now.head && (round.failing === null || round.failing !== now.failing)) break;
    vain += 1;
  }
  if (vain < VAIN_REPAIRS) return null;
  const heads = new Set([...sent.slice(-vain), now].map(({ head }) => head)).size;
  return heads === 1
    ? `no progress: ${vain} repairs in a row left the head where it was`
    : `no progress: ${vain} repairs in a row, and the same fails with the same output on ${heads} heads`;
}
