import type { DraftScores } from "@millrace/agents";

/** A winner among drafts, by position from 0. */
export interface VoteResult {
  readonly winner: number;
  /** Mean score of the winner, 0..1. */
  readonly confidence: number;
  /** Means of all drafts, in their order. */
  readonly means: readonly number[];
  /** The runner-up came closer than 0.1: people may want to look at both. */
  readonly isClose: boolean;
}

const CLOSE = 0.1;

/** The highest mean wins, the first on a tie. A score that was not given counts as 0; one given twice counts once, the first. */
export function countVotes(drafts: number, ballots: readonly DraftScores["scores"][]): VoteResult {
  const means = Array.from({ length: drafts }, (_, index) => {
    const sum = ballots.reduce((total, scores) => total + (scores.find(({ draft }) => draft === index + 1)?.value ?? 0), 0);
    return ballots.length === 0 ? 0 : sum / ballots.length;
  });
  const confidence = Math.max(0, ...means);
  const winner = Math.max(0, means.indexOf(confidence));
  const runnerUp = Math.max(0, ...means.filter((_, index) => index !== winner));
  return { winner, confidence, means, isClose: drafts > 1 && confidence - runnerUp < CLOSE };
}
