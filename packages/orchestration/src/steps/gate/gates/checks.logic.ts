import type { Check, CheckPolicy, Verdict } from "@millrace/contracts";
import { failingChecks } from "../../../run/rules/failing-checks.logic.js";
import type { Blame } from "../gate.js";

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

/** Lines of a check's output that a person is shown, from its end. */
const SHOWN_LINES = 12;

/** Conclusions on the base that say the same of it. A cancelled or stale check says nothing. */
const RED_ON_BASE: ReadonlySet<Check["conclusion"]> = new Set(["failure", "timed_out", "action_required"]);

/**
 * Whose fault failing checks are. One that could not run (`action_required`), or is red on the base as well, is red without the change: a
 * helper could only bend the change around it, so a person is shown the last lines of its output (F:C11).
 */
export function blameOf(checks: readonly Check[], baseChecks: readonly Check[]): Blame {
  const failing = failingChecks(checks);
  const onBase = (check: Check): Check | undefined => baseChecks.find(({ name }) => name === check.name);
  const blocked = failing.flatMap((check) => {
    if (check.conclusion === "action_required") return [{ check, how: "cannot run" }];
    return RED_ON_BASE.has(onBase(check)?.conclusion ?? null) ? [{ check, how: "is red on the base already, without the change" }] : [];
  });
  if (blocked.length === 0) {
    const isOpenOnBase = (check: Check): boolean => (onBase(check)?.status ?? "completed") !== "completed";
    return { on: failing.some(isOpenOnBase) ? "unknown" : "change" };
  }
  const lines = blocked.map(({ check, how }) => `'${check.name}' ${how}:\n${lastLines(check.summary ?? "it printed nothing")}`);
  return {
    on: "surroundings",
    question: `The change cannot be judged. Repair the check or what it needs, then look again.\n\n${lines.join("\n\n")}`,
  };
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n");
}

function names(checks: readonly Check[]): string {
  return checks
    .map((check) => check.name)
    .join(", ")
    .slice(0, 3000);
}
