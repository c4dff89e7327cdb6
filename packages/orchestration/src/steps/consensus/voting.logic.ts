import type { DraftScores } from "@millrace/agents";

/** The outcome of a vote. `winner` is the position of a draft, from 0. */
export interface VoteResult {
  readonly winner: number;
  /** Mean score of the winner, from 0 to 1. */
  readonly confidence: number;
  /** Means of all drafts, in their order. */
  readonly means: readonly number[];
  /** The runner-up is closer than 0.1, so that people may want to compare both. */
  readonly isClose: boolean;
}

const CLOSE = 0.1;

/** Counts ballots: the highest mean wins, the first draft on a tie. A missing score counts as 0; of two scores for one draft the first counts. */
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
