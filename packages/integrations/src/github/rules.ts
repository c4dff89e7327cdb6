import { hasPassed, type Clock } from "@millrace/kernel";
import { z } from "zod";
import type { RequiredCheck } from "./checks.logic.js";
import type { OpenRepository } from "./repository.js";
import { expectOk, refusal } from "./repository.js";
import { branchSchema, ruleSchema, type Branch, type Rule } from "./shapes.schema.js";

/** Rules of a base branch: its protection and the rulesets in force, combined. */
export interface BranchRules {
  readonly required: readonly RequiredCheck[];
  /** GitHub refuses to merge a head that does not contain the base. */
  readonly strict: boolean;
  /** Changes are merged through GitHub's merge queue only. */
  readonly queue: boolean;
  /** There is at least one rule of any kind. */
  readonly guarded: boolean;
}

/** `app_id` of a required check that any App may report. */
const ANY_APP = -1;
const rulesSchema = z.array(ruleSchema);

/**
 * Reads the rules of a base branch through a cache of `maxAgeMs`: they are the same for every pull request and rarely
 * change. GitHub enforces them again at the merge, so stale rules cost a refused merge, never an unchecked one.
 */
export function createRulesCache(clock: Clock, maxAgeMs: number): (repository: OpenRepository) => Promise<BranchRules> {
  const known = new Map<string, { readonly until: number; readonly rules: Promise<BranchRules> }>();
  return (repository) => {
    const name = `${repository.ref.id}#${repository.ref.base}`;
    const found = known.get(name);
    if (found !== undefined && !hasPassed(found.until, clock.now(), maxAgeMs)) return found.rules;
    const rules = readRules(repository);
    known.set(name, { until: clock.now() + maxAgeMs, rules });
    rules.catch(() => known.delete(name));
    return rules;
  };
}

/** Reads the rules of the repository's base branch. */
export async function readRules(repository: OpenRepository): Promise<BranchRules> {
  const { client, owner, repo, ref } = repository;
  const target = { owner, repo, branch: ref.base };
  const branch = await client.get("GET /repos/{owner}/{repo}/branches/{branch}", target, branchSchema, { exists: true });
  if (branch.is === "refused" && branch.status === 404)
    throw refusal(
      repository,
      `'${ref.id}' has no branch '${ref.base}', or its credential may not see it`,
      "Correct the repository's base branch.",
    );
  // GitHub redirects the former name of a renamed branch. Rules of one branch must not stand for merges into another.
  if (branch.is === "ok" && branch.value.name !== ref.base)
    throw refusal(
      repository,
      `the branch '${ref.base}' of '${ref.id}' is called '${branch.value.name}' now`,
      `Make '${branch.value.name}' the repository's base branch, or rename it back.`,
    );
  const rules = await client.pages("GET /repos/{owner}/{repo}/rules/branches/{branch}", target, rulesSchema);
  // GitHub refuses this request on plans and versions without rulesets.
  return combine(expectOk(repository, branch, "read the branch"), rules.is === "ok" ? rules.value : []);
}

function combine(branch: Branch, rules: readonly Rule[]): BranchRules {
  const checks = branch.protection?.required_status_checks;
  const named = new Set((checks?.checks ?? []).map(({ context }) => context));
  const required: RequiredCheck[] = [
    ...(checks?.checks ?? []).map(({ context, app_id }) => ({ name: context, app: app_id === ANY_APP ? null : app_id })),
    ...(checks?.contexts ?? []).filter((context) => !named.has(context)).map((name) => ({ name, app: null })),
  ];
  let strict = checks?.strict === true;
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
