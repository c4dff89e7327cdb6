import type { Clock } from "@millrace/kernel";
import { z } from "zod";
import type { RequiredCheck } from "./checks.logic.js";
import type { Place } from "./repository.js";
import { expectOk, refusal } from "./repository.js";
import { branchSchema, ruleSchema, type Branch, type Rule } from "./shapes.schema.js";

/** What guards a base branch, from its protection and the rulesets in force. */
export interface BranchRules {
  readonly required: readonly RequiredCheck[];
  /** GitHub itself refuses a head that does not contain the base. */
  readonly strict: boolean;
  /** Changes land through GitHub's merge queue only. */
  readonly queue: boolean;
  /** Anything at all guards the branch. */
  readonly guarded: boolean;
}

/** How the protection of a branch writes "from whomever". */
const ANYBODY = -1;
const rulesSchema = z.array(ruleSchema);

/**
 * Reads them, remembered for `forMs`: they are the same for every pull request of a repository and change rarely. GitHub
 * enforces them again when it merges, so an old memory costs a refused merge, never an unchecked one.
 */
export function createRuleBook(clock: Clock, forMs: number): (place: Place) => Promise<BranchRules> {
  const known = new Map<string, { readonly until: number; readonly rules: Promise<BranchRules> }>();
  return (place) => {
    const name = `${place.ref.id}#${place.ref.base}`;
    const found = known.get(name);
    if (found !== undefined && clock.now() < found.until) return found.rules;
    const rules = readRules(place);
    known.set(name, { until: clock.now() + forMs, rules });
    rules.catch(() => known.delete(name));
    return rules;
  };
}

export async function readRules(place: Place): Promise<BranchRules> {
  const { client, owner, repo, ref } = place;
  const at = { owner, repo, branch: ref.base };
  const branch = await client.get("GET /repos/{owner}/{repo}/branches/{branch}", at, branchSchema);
  if (branch.is === "refused" && branch.status === 404)
    throw refusal(
      place,
      `'${ref.id}' has no branch '${ref.base}', or its credential may not see it`,
      "Correct the repository's base branch.",
    );
  const rules = await client.pages("GET /repos/{owner}/{repo}/rules/branches/{branch}", at, rulesSchema);
  // Not every plan and version of GitHub has rulesets; those that do not answer with a refusal.
  return combine(expectOk(place, branch, "read the branch"), rules.is === "ok" ? rules.value : []);
}

function combine(branch: Branch, rules: readonly Rule[]): BranchRules {
  const old = branch.protection?.required_status_checks;
  const named = new Set((old?.checks ?? []).map(({ context }) => context));
  const required: RequiredCheck[] = [
    ...(old?.checks ?? []).map(({ context, app_id }) => ({ name: context, app: app_id === ANYBODY ? null : app_id })),
    ...(old?.contexts ?? []).filter((context) => !named.has(context)).map((name) => ({ name, app: null })),
  ];
  let strict = old?.strict === true;
  for (const rule of rules) {
    if (rule.type !== "required_status_checks") continue;
    strict ||= rule.parameters.strict_required_status_checks_policy;
    for (const { context, integration_id } of rule.parameters.required_status_checks)
      required.push({ name: context, app: integration_id ?? null });
  }
  return {
    required,
    strict,
    queue: rules.some(({ type }) => type === "merge_queue"),
    guarded: branch.protected || rules.length > 0,
  };
}
