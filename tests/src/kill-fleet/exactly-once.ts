/** Commands over a database that is sometimes unavailable: repeated only when it is certain that they had no effect. */
import { setTimeout as delay } from "node:timers/promises";
import { isMillraceError } from "@millrace/kernel";

/** Attempts for one minute without a database. */
const MAX_TRIES = 600;
const PAUSE_MS = 100;

/**
 * Repeats an idempotent action until the database answers.
 *
 * @throws any error that is not about an unavailable database, and the last one after a minute.
 */
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

/** Counter of commands with an unknown outcome. */
export interface UnknownOutcomes {
  /** Number of lost responses, whose outcome a read had to find out. */
  unknown: number;
}

/**
 * Performs an action once. After a lost response, `find` reads its effect (null: it had none) before the action is repeated; `find` is
 * called again when the repetition is refused, because the first attempt may have landed in between.
 *
 * @throws the refusal, when the effect is not found.
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

/** Whether the database was unavailable or too busy. Driver errors without a severity are connection errors. */
function isAway(error: unknown): boolean {
  if (isMillraceError(error)) return error.code === "unavailable" || error.code === "database_busy";
  if (!(error instanceof Error)) return false;
  return !("severity" in error) || ("code" in error && /^(08|57P)/.test(String(error.code)));
}

function isUnknown(error: unknown): boolean {
  return isMillraceError(error, "unavailable") && error.details["outcome"] === "unknown";
}
