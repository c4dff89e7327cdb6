import type { Step } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { isFinished } from "../model/due.logic.js";
import type { DecisionInput } from "../model/decision-input.js";
import type { StepKinds } from "../model/step-kind.js";
import { infrastructureRefusal, judgeTestInfrastructure } from "../rules/test-infrastructure.logic.js";

/**
 * Refuses a run with a step that brings the service up and would have nowhere to do so, before anything is spent. Only steps that the run
 * will still do count: not those that are disabled, and not those that are done.
 *
 * @throws MillraceError `conflict` naming the step and the fix.
 */
export function guardTestInfrastructure(
  steps: readonly Step[],
  input: Pick<DecisionInput, "block" | "service" | "capabilities">,
  stepKinds: StepKinds,
): void {
  const index = steps.findIndex((step) => !isFinished(step) && stepKinds.of(step.state).needsTestInfrastructure);
  const step = steps[index];
  if (step === undefined) return;
  const { block, service, capabilities } = input;
  const refusal = infrastructureRefusal(
    judgeTestInfrastructure({
      localSupported: capabilities.localTestInfrastructure,
      environment: block.testEnvironment,
      testing: service?.testing ?? null,
      hasProvider: capabilities.environments,
    }),
  );
  if (refusal === null) return;
  throw new MillraceError(
    "conflict",
    `'${block.title}' cannot be tested by step ${index + 1} (${step.definition.kind}): ${refusal.message}`,
    {
      fix: refusal.fix,
    },
  );
}
