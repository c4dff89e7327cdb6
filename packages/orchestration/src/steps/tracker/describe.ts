import type { EventDescription, StepStateView } from "@millrace/contracts";
import { described } from "../shared/describe.logic.js";

/** What the one fact of a tracker step means to a reader: its report was not filed. */
export function describe({ why }: { readonly why: string }): EventDescription {
  return described("bad", "the report was not filed", why);
}

/** View of the state of a tracker step. */
export function view({ notFiled }: { readonly notFiled: string | null }): Partial<StepStateView> {
  return { note: notFiled === null ? null : `not filed: ${notFiled}` };
}
