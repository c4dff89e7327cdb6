/** What Millrace needs of GitHub, in GitHub's words. */

const ORDER = ["none", "read", "write", "admin"];
const PERMISSIONS = { contents: "write", pull_requests: "write", checks: "read", statuses: "read", metadata: "read" } as const;
/** What changes what a gate sees. `check_suite` and `workflow_run` say no more than these. */
const EVENTS = ["pull_request", "push", "check_run", "status"] as const;

/** Permissions of an App that are missing or too small, as `contents=write`. */
export function missingPermissions(given: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(PERMISSIONS)
    .filter(([name, level]) => ORDER.indexOf(given[name] ?? "none") < ORDER.indexOf(level))
    .map(([name, level]) => `${name}=${level}`);
}

/** The scope that a classic token lacks; null when it has it. `scopes` as in `X-OAuth-Scopes`. */
export function missingScope(scopes: string, isPrivate: boolean): "repo" | "public_repo" | null {
  const has = new Set(scopes.split(",").map((scope) => scope.trim()));
  if (has.has("repo") || (!isPrivate && has.has("public_repo"))) return null;
  return isPrivate ? "repo" : "public_repo";
}

/** Events that a webhook does not tell of. */
export function missingEvents(events: readonly string[]): readonly string[] {
  return events.includes("*") ? [] : EVENTS.filter((event) => !events.includes(event));
}
