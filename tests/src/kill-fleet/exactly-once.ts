/** Things that are done once over a database that comes and goes: again only when it is certain that they were not done. */
import { setTimeout as delay } from "node:timers/promises";
import { isMillraceError } from "@millrace/kernel";

/** A minute of a database that is away. */
const MAX_TRIES = 600;
const PAUSE_MS = 100;

/** What may be done any number of times, until the database answers. @throws what has nothing to do with its absence, and the last error. */
export async function untilAvailable<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (!isAway(error) || tries >= MAX_TRIES) throw error;
    }
    await delay(PAUSE_MS);
  }
}

/** What became of the things that were to be done once. */
export interface UnknownOutcomes {
  /** Answers that were lost: nobody knew, and looking told. */
  unknown: number;
}

/**
 * What may be done once. When an answer was lost, `find` looks for what it would have done (null: not there); it is asked again when the
 * next try is refused, because the first may have landed in between. @throws what refused it, when it is not there.
 */
export async function exactlyOnce<T>(unknownOutcomes: UnknownOutcomes, act: () => Promise<T>, find: () => Promise<T | null>): Promise<T> {
  let isDoubtful = false;
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (isUnknown(error)) {
        isDoubtful = true;
        unknownOutcomes.unknown += 1;
      }
      const found = isDoubtful ? await untilAvailable(find) : null;
      if (found !== null) return found;
      if (!isAway(error) || tries >= MAX_TRIES) throw error;
    }
    await delay(PAUSE_MS);
  }
}

/** The database did not answer, was not reached, or was too busy. Errors of its driver without a severity are of the connection. */
function isAway(error: unknown): boolean {
  if (isMillraceError(error)) return error.code === "unavailable" || error.code === "database_busy";
  if (!(error instanceof Error)) return false;
  return !("severity" in error) || ("code" in error && /^(08|57P)/.test(String(error.code)));
}

function isUnknown(error: unknown): boolean {
  return isMillraceError(error, "unavailable") && error.details["outcome"] === "unknown";
}
