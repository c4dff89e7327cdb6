import { isMillraceError } from "@millrace/kernel";

/** Codes of a commit that lost to another one: read again, it is decided on what that one left. */
const LOST = ["already_exists", "stale_revision", "conflict"] as const;

/** Attempts at most. Each time at least one other has won. */
const MAX_ATTEMPTS = 5;

/** Reads, decides and commits; again where another commit came between. */
export async function again<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = MAX_ATTEMPTS - 1; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !LOST.some((code) => isMillraceError(error, code))) throw error;
    }
  }
}
