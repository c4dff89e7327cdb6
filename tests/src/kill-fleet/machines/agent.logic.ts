/** What the agent of a fleet with real jobs does under a key. It depends on the key only, so that the verification knows it. */
import { hashOf } from "../random.logic.js";

/** Id of the run of a key `run/step/attempt/phase.n`. */
export function runOf(key: string): string {
  return key.split("/")[0] ?? key;
}

/** The file that the work of a run is, so that no two runs conflict. */
export function fileOf(key: string): string {
  return `work/${runOf(key)}.txt`;
}

/** First word of a file that makes the check red. */
export const BROKEN = "broken";

/** Whether the coder of this run leaves a red check behind. */
export function isRed(key: string): boolean {
  return hashOf(runOf(key), 5) === 0;
}

/** What a turn costs, in millionths: different for most keys, so that a call that is counted twice is noticed, and exact as a fraction. */
export function costOf(key: string): number {
  return 15_625 * (1 + hashOf(key, 63));
}

/** How long a turn takes, in ms. One in four is done at once. */
export function workMsOf(key: string): number {
  return hashOf(key, 4) === 0 ? 0 : 300 + hashOf(`${key} `, 2500);
}
