import type { AgentKind } from "@millrace/agents";
import type { Brief, Check, Verdict } from "@millrace/contracts";
import type { PullRequestState } from "@millrace/kernel";
import type { DecisionInput } from "../../run/model/decision-input.js";

/** The reading of a pull request that a gate judges. */
export interface Observation {
  readonly state: PullRequestState;
  readonly checks: readonly Check[];
  readonly input: DecisionInput;
}

/**
 * What a red verdict comes from: the change; its surroundings, which a person has to repair and is asked about; or not known yet,
 * because the checks of the base still run.
 */
export type Blame = { readonly on: "change" } | { readonly on: "surroundings"; readonly question: string } | { readonly on: "unknown" };

/**
 * A gate as data: what it reads, which helper repairs, how often, and what its red means. One file and one line in the registry. An
 * agent kind of its name whose step is `gate` puts it into pipelines.
 */
export interface Gate {
  /** Its name, and the id of the agent kind that puts it into a pipeline. */
  readonly name: string;
  /** Agent kind that is sent when the gate is red: a helper. */
  readonly helper: string;
  /** How often the helper may be sent. Read once, when the gate is first entered. */
  budget(input: DecisionInput): number;
  /** Whether the checks of the head are read for it. */
  readonly readsChecks: boolean;
  /** A conclusion about exactly the observed head and base. */
  judge(observation: Observation): Pick<Verdict, "says" | "because">;
  /** What a red verdict comes from, by the checks of the base. Default: the change, which its helper repairs. */
  blame?(verdict: Verdict, baseChecks: readonly Check[]): Blame;
  /** The helper's briefs on the verdict, beside the task and the attempts before it. */
  briefs(verdict: Verdict): readonly Brief[];
  /** Whether it repairs a conflict with the base itself; any other gate sends the run back to one that does. */
  readonly ownsConflicts: boolean;
  /** Whether a merger relies on its green verdict. Default: `readsChecks`. */
  readonly evidence?: boolean;
  /** Type of the notification when its budget is used up (code `<name>_exhausted`). Default: `run_failed`. */
  readonly endNotification?: string;
  /** Agent kinds it brings along: the one of its name, and its helper. Default: none, they are registered apart from it. */
  readonly agentKinds?: readonly AgentKind[];
}

/** Whether a merger relies on the green verdict of a gate. */
export function isEvidence({ evidence, readsChecks }: Gate): boolean {
  return evidence ?? readsChecks;
}

/** Code of the failure of a run whose gate has used up its budget. */
export function exhaustedCode(gate: Pick<Gate, "name">): string {
  return `${gate.name}_exhausted`;
}

/** Gates by name; a later one replaces an earlier one of the same name. */
export function gatesByName(gates: readonly Gate[]): ReadonlyMap<string, Gate> {
  return new Map(gates.map((gate) => [gate.name, gate]));
}
