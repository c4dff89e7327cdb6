import type { Check, CheckPolicy, Verdict } from "@millrace/contracts";

const FAILING: ReadonlySet<Check["conclusion"]> = new Set(["failure", "cancelled", "timed_out", "action_required", "stale", null]);

/**
 * Judges the checks of one commit. Missing checks, checks that are not registered yet, and nothing but skipped checks are *unknown*, never
 * green: the absence of a failure is no evidence (promise P1). "No CI" is green only where a person said that the repository has none.
 */
export function judgeChecks(checks: readonly Check[], policy: CheckPolicy): Pick<Verdict, "says" | "because"> {
  const failing = failingChecks(checks);
  if (failing.length > 0)
    return {
      says: "red",
      because: failing
        .map((check) => `${check.name}: ${check.conclusion ?? "no conclusion"}`)
        .join(", ")
        .slice(0, 4000),
    };
  const open = checks.filter((check) => check.status !== "completed");
  if (open.length > 0) return { says: "pending", because: `${open.length} of ${checks.length} check(s) still run: ${names(open)}` };
  const missing = policy.requiredChecks.filter((name) => !checks.some((check) => check.name === name && check.conclusion === "success"));
  if (missing.length > 0)
    return { says: "unknown", because: `required check(s) not there or skipped: ${missing.join(", ")}`.slice(0, 4000) };
  const succeeded = checks.filter((check) => check.conclusion === "success");
  if (succeeded.length > 0) return { says: "green", because: `${succeeded.length} check(s) green: ${names(succeeded)}` };
  if (policy.ci === "none") return { says: "green", because: "this repository is set to have no CI" };
  return {
    says: "unknown",
    because: checks.length === 0 ? "no check is registered for this head yet" : "every check was skipped or neutral: nothing was tested",
  };
}

/** Completed checks that are not success, neutral or skipped; a missing conclusion counts as failing. */
export function failingChecks(checks: readonly Check[]): readonly Check[] {
  return checks.filter((check) => check.status === "completed" && FAILING.has(check.conclusion));
}

function names(checks: readonly Check[]): string {
  return checks
    .map((check) => check.name)
    .join(", ")
    .slice(0, 3000);
}
