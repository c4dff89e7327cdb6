const UNREACHED: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** True when no connection was made: the request cannot have been worked on. */
export function isUnreached(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  if ("code" in error && UNREACHED.has(error.code)) return true;
  return "cause" in error && isUnreached(error.cause);
}
