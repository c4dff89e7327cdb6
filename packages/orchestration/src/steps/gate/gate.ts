import type { Brief, Check, Verdict } from "@millrace/contracts";
import type { PullRequestState } from "@millrace/kernel";
import type { DecisionInput } from "../../run/model/decision-input.js";

/** What a gate looked at. */
export interface Observation {
  readonly state: PullRequestState;
  readonly checks: readonly Check[];
  readonly input: DecisionInput;
}

/** A gate as data: what it looks at, who repairs, how often, and what its red means. Each is one file and one line in the registry. */
export interface Gate {
  readonly name: string;
  /** Agent kind that is sent when the gate is red. */
  readonly helper: string;
  /** How often it may be sent. Read once, when the gate is first entered. */
  budget(input: DecisionInput): number;
  /** Whether it looks at the checks of the head. */
  readonly readsChecks: boolean;
  /** A conclusion about exactly the observed head and base. */
  judge(observation: Observation): Pick<Verdict, "says" | "because">;
  /** What the helper is told beyond the task. */
  briefs(verdict: Verdict): readonly Brief[];
  /** Whether a conflict with the base is this gate's own business; otherwise it is sent back to the gate whose it is. */
  readonly ownsConflicts: boolean;
}
