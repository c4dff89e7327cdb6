import { errorTable } from "@millrace/contracts";
import { isMillraceError, type Change, type QueuedMail } from "@millrace/kernel";

const MINUTE = 60_000;

/** Pause after the first attempt, in ms; it doubles with each. No attempt lasts longer than the first pause, so none overtakes another. */
const FIRST_PAUSE_MS = MINUTE;
const LONGEST_PAUSE_MS = 12 * 60 * MINUTE;
const MAX_ATTEMPTS = 10;

/** The change that takes up the next attempt at `now`. */
export function claimMail({ key, attempts }: QueuedMail, now: number): Change<"claim-mail"> {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts);
  return { change: "claim-mail", mailKey: key, attempts, nextAttemptAt: now + pause };
}

/** True if a mail that could not be sent is given up: it will never be taken, or this was its last attempt. */
export function isGivenUp({ attempts }: QueuedMail, failure: unknown): boolean {
  return attempts + 1 >= MAX_ATTEMPTS || (isMillraceError(failure) && errorTable[failure.code].retry === "final");
}
