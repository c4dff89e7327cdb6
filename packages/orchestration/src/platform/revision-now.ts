import { isMillraceError, MillraceError } from "@millrace/kernel";

/**
 * Does a change that was decided on a revision. Refused for an older one, the refusal tells the revision that there is now, so that the
 * caller reads once and decides again; null: the thing is gone.
 */
export async function tellRevision<Answer>(change: () => Promise<Answer>, revisionNow: () => Promise<number | null>): Promise<Answer> {
  try {
    return await change();
  } catch (error) {
    if (!isMillraceError(error, "stale_revision")) throw error;
    const revision = await revisionNow();
    throw new MillraceError("stale_revision", error.message, {
      fix: error.fix ?? "read it again and decide again",
      details: { ...error.details, revision },
    });
  }
}
