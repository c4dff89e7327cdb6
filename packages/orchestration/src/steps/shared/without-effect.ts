import type { Change } from "@millrace/kernel";
import { raiseNotification } from "../../run/model/notification.logic.js";
import type { FactContext } from "../../run/model/step-kind.js";

/** Type of the notification of a step that could not do what it is for while its run goes on: it must not pass in silence. */
const WITHOUT_EFFECT = "step_without_effect";

/** The notification that a step did not do what it is for; `what` in a few words, e.g. `its release is not watched`. One per step and run. */
export function tellWithoutEffect({ run, index, input, at }: FactContext, what: string, why: string): readonly Change[] {
  const draft = { id: `${run.id}/${index}/without-effect`, type: WITHOUT_EFFECT, title: `${input.block.title}: ${what}`, body: why };
  return [raiseNotification(run, input, { at }, draft)];
}
