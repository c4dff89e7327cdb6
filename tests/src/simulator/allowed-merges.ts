/** I3: what is merged is what was assessed within the thresholds, or approved by the people it needs; another base makes it no other change. */
import type { Digest, MergePreset, Run, RunEvent, Step } from "@millrace/contracts";
import { mergeAssessmentSchema } from "@millrace/contracts";
import { withholdsMerge } from "@millrace/orchestration";
import type { Environment } from "./environment.js";
import type { RunChange } from "./invariants.logic.js";
import type { Violation } from "./violation.js";

export class AllowedMerges {
  readonly #environment: Environment;
  readonly #preset: MergePreset;
  /** What people last approved at a step, by run and step. The step keeps it only until it starts over. */
  readonly #approved = new Map<string, NonNullable<Step["approved"]>>();

  constructor(environment: Environment, preset: MergePreset) {
    this.#environment = environment;
    this.#preset = preset;
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
    return needed === 0 && isAssessed && withholdsMerge(assessment.data, this.#preset) === null;
  }
}
