import type { Check } from "@millrace/contracts";

const FAILING: ReadonlySet<Check["conclusion"]> = new Set(["failure", "cancelled", "timed_out", "action_required", "stale", null]);

/** Completed checks that are not success, neutral or skipped; a missing conclusion counts as failing. */
export function failingChecks(checks: readonly Check[]): readonly Check[] {
  return checks.filter((check) => check.status === "completed" && FAILING.has(check.conclusion));
}
