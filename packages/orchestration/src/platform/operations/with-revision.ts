import { isMillraceError, MillraceError } from "@millrace/kernel";

/** Attempts of a change that is made on whatever is there, when others change it at the same time. */
const MAX_TRIES = 5;

/**
 * Makes a change that was decided on the revision that `decide` read. A caller who named none (`expected` is null) wants it on whatever is
 * there: it is decided again when another change came between.
 * @throws MillraceError `stale_revision` with the revision now in its details, and what `decide` throws.
 */
export async function withRevision<Of extends { readonly revision: number }, Result>(
  expected: number | null,
  read: () => Promise<Of>,
  change: (of: Of) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    const of = await read();
    if (expected !== null && of.revision !== expected) throw stale(of.revision);
    try {
      return await change(of);
    } catch (error) {
      if (!isMillraceError(error, "stale_revision")) throw error;
      if (expected !== null || tries >= MAX_TRIES) throw stale((await read()).revision, error);
    }
  }
}

function stale(revision: number, cause?: unknown): MillraceError {
  return new MillraceError("stale_revision", `it changed since it was read: its revision is ${revision} now`, {
    fix: "read it again, and decide again",
    details: { revision },
    ...(cause === undefined ? {} : { cause }),
  });
}
