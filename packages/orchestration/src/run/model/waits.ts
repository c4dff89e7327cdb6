import type { HumanWait, StepState } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { StepKinds, WaitDeclaration, WaitDeclarations } from "./step-kind.js";

/** The engine's own wait: the approval that a definition asks for. Step kinds may not declare it. */
export const APPROVAL_WAIT = "approval";

/** Waits that the engine opens for steps of any kind. */
export const ENGINE_WAITS: WaitDeclarations = {
  [APPROVAL_WAIT]: { notification: "approval_required", answers: ["approve", "request-changes", "reject"] },
};

/**
 * The declaration of a wait that a step with this state opens.
 *
 * @throws MillraceError `config_invalid` when neither the engine nor the step kind declares it, `stored_shape_invalid` for an unknown
 * step kind.
 */
export function declaredWait(stepKinds: StepKinds, state: StepState, on: HumanWait["on"]): WaitDeclaration {
  const kind = stepKinds.of(state);
  const declared = ENGINE_WAITS[on] ?? kind.waits[on];
  if (declared !== undefined) return declared;
  throw new MillraceError("config_invalid", `step kind '${kind.name}' does not declare the wait '${on}'`, {
    fix: "declare it in `waits` of defineStepKind",
    details: { stepKind: kind.name, wait: on },
  });
}
