/** Helpers of the decider's own tests, beside the decider specification in `spec/`. */
import type { HumanWait } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import { builtInRegistries } from "../../spec/defaults.js";
import { createStepKinds, defineStepKind, type StepKinds } from "../model/step-kind.js";

/** A wait as a step kind is handed it when a person answers. */
export function openWaitOn(on: HumanWait["on"]): HumanWait {
  return { id: "w", on, question: "?", options: [], subject: "d", output: null, approvers: 1, approvedBy: [], openedAt: 1 };
}

/** An inline step kind that leaves out everything a step kind may leave out. */
export function bareInlineKinds(): StepKinds {
  const { name, state, fact, ...full } = builtInRegistries.stepKinds.get("inline");
  return createStepKinds([
    defineStepKind({
      name,
      state,
      fact,
      initial: (...args) => full.initial(...args),
      fold: (...args) => full.fold(...args),
      enter: (...args) => full.enter(...args),
      onResult: (...args) => full.onResult(...args),
      answered: (...args) => full.answered(...args),
    }),
  ]);
}

/** The refusal's code, and whether it says what to do about it. */
export function refusal(act: () => unknown): { readonly code: string; readonly fix: boolean } {
  try {
    act();
  } catch (error) {
    if (isMillraceError(error)) return { code: error.code, fix: error.fix !== null && error.fix !== "" };
    throw error;
  }
  return { code: "accepted", fix: false };
}
