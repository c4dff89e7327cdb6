import type { Described, StepStateView } from "@millrace/contracts";
import { described } from "../shared/describe.logic.js";

/** Describes the one fact of a tracker step to readers: its report was not filed. */
export function describe({ why }: { readonly why: string }): Described {
  return described("bad", "the report was not filed", why);
}

/** View of the state of a tracker step. */
export function view({ notFiled }: { readonly notFiled: string | null }): Partial<StepStateView> {
  return { note: notFiled === null ? null : `not filed: ${notFiled}` };
}
