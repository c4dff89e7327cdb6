/**
 * I3: a merge is asked for only under the settings in force. Its evidence was judged by the checks in force, here and at the forge; what is
 * merged is what was assessed within the thresholds, or approved by the people it needs; another base makes it no
 * other change.
 */
import {
  mergeAssessmentSchema,
  type CheckPolicy,
  type Digest,
  type MergePreset,
  type Run,
  type RunEvent,
  type Step,
  type WorkspaceSettings,
} from "@millrace/contracts";
import { digestJson } from "@millrace/kernel";
import { gateStateOf, withholdsMerge } from "@millrace/orchestration";
import type { Environment } from "./environment.js";
import type { RunChange } from "./invariants.logic.js";
import type { SettingsInForce } from "./settings-in-force.js";
import type { Violation } from "./violation.js";

/** What people set, and may change at any moment. */
export interface InForce {
  readonly presets: SettingsInForce<MergePreset>;
  readonly checks: SettingsInForce<CheckPolicy>;
  readonly settings: SettingsInForce<WorkspaceSettings>;
}

export class AllowedMerges {
  readonly #environment: Environment;
  readonly #inForce: InForce;
  /** What people last approved at a step, by run and step. The step keeps it only until it starts over. */
  readonly #approved = new Map<string, NonNullable<Step["approved"]>>();

  constructor(environment: Environment, inForce: InForce) {
    this.#environment = environment;
    this.#inForce = inForce;
  }

  async observe({ after, events }: RunChange): Promise<readonly Violation[]> {
    const broken: Violation[] = [];
    for (const { event } of events) {
      this.#remember(after, event);
      if (event.type !== "effect-requested" || event.effect.request.do !== "merge") continue;
      const { head, base } = event.effect.request;
      const { forge, repository } = this.#environment;
      if (!this.#isAllowed(after, event.step, await forge.diffDigest(repository, { base, head })))
        broken.push({ rule: "I3", message: "a merge is asked for outside the thresholds and without the people it needs" });
      if (!(await this.#isJudgedAsSet(after, event.step)))
        broken.push({ rule: "I3", message: "a merge is asked for on the verdict of checks that are not the ones in force" });
    }
    return broken;
  }

  #remember({ id, steps }: Run, event: RunEvent["event"]): void {
    if (event.type === "step-approved") this.#approved.set(`${id}/${event.step}`, event.approval);
    // Sent back by another step, or by people, it asks anew; a merger that goes back to its gates does not.
    if (event.type === "human-answered") this.#approved.delete(`${id}/${event.step}`);
    if (event.type !== "rework-requested") return;
    for (const step of steps.keys())
      if (step >= event.from && step <= event.to && step !== event.step) this.#approved.delete(`${id}/${step}`);
  }

  #isAllowed({ id, steps }: Run, index: number, change: Digest | null): boolean {
    const step = steps[index];
    if (step === undefined) return false;
    const needed = step.definition.approval?.approvers ?? 0;
    const approved = this.#approved.get(`${id}/${index}`);
    if (approved?.subject === change) return new Set(approved?.by).size >= Math.max(1, needed);
    const assessment = mergeAssessmentSchema.nullable().safeParse(step.state["assessment"]);
    const isAssessed = step.state["subject"] === change && assessment.success;
    const presets = this.#inForce.presets.sinceCommitOf(id);
    // Said here once more, and not left to the rule of the engine: where people merge, no assessment does.
    const mayMerge = presets.some((preset) => preset.who === "automatic" && withholdsMerge(assessment.data ?? null, preset) === null);
    return needed === 0 && isAssessed && mayMerge;
  }

  async #isJudgedAsSet({ id, steps }: Run, index: number): Promise<boolean> {
    const verdict = steps
      .slice(0, index)
      .map(({ state }) => gateStateOf(state)?.verdict)
      .findLast((one) => one?.gate === "ci");
    if (verdict == null) return true;
    const policies = this.#inForce.checks.sinceCommitOf(id).map(({ ci, requiredChecks }) => digestJson({ ci, requiredChecks }));
    const rules = this.#environment.rules.sinceCommitOf(id).map((names) => digestJson([...names].toSorted()));
    const [ours, theirs] = await Promise.all([Promise.all(policies), Promise.all(rules)]);
    return ours.includes(verdict.settings) && theirs.includes(verdict.checkSettings);
  }
}
