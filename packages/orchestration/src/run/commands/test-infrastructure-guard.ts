import type { Step } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { isFinished } from "../model/due.logic.js";
import type { DecisionInput } from "../model/decision-input.js";
import { infrastructureRefusal, judgeTestInfrastructure } from "../rules/test-infrastructure.logic.js";

/**
 * Refuses a run with a tester that would find no place to test in, before anything is spent on it. Looks at the steps the run will
 * still do: a disabled tester is not among them, and one that is done does not count. @throws MillraceError `conflict` naming the step and the fix.
 */
export function guardTestInfrastructure(
  steps: readonly Step[],
  input: Pick<DecisionInput, "block" | "service" | "capabilities" | "kinds">,
): void {
  const index = steps.findIndex((step) => !isFinished(step) && input.kinds.get(step.definition.kind)?.step === "tester");
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
