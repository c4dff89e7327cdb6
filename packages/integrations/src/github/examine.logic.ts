/** What Millrace needs of a GitHub App, token and webhook, in GitHub's names. */

const LEVELS = ["none", "read", "write", "admin"];
const PERMISSIONS = { contents: "write", pull_requests: "write", checks: "read", statuses: "read", metadata: "read" } as const;
/** Events that change what a gate reads. `check_suite` and `workflow_run` tell no more than these. */
const EVENTS = ["pull_request", "push", "check_run", "status"] as const;

/** Permissions that an App lacks, as `contents=write`. `granted` maps a permission to its level. */
export function missingPermissions(granted: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(PERMISSIONS)
    .filter(([name, level]) => LEVELS.indexOf(granted[name] ?? "none") < LEVELS.indexOf(level))
    .map(([name, level]) => `${name}=${level}`);
}

/** The scope that a classic token lacks; null if it lacks none. `scopes` is the header `X-OAuth-Scopes`. */
export function missingScope(scopes: string, isPrivate: boolean): "repo" | "public_repo" | null {
  const has = new Set(scopes.split(",").map((scope) => scope.trim()));
  if (has.has("repo") || (!isPrivate && has.has("public_repo"))) return null;
  return isPrivate ? "repo" : "public_repo";
}

/** Needed events that a webhook does not send. */
export function missingEvents(events: readonly string[]): readonly string[] {
  return events.includes("*") ? [] : EVENTS.filter((event) => !events.includes(event));
}
