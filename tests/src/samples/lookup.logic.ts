/** The samples of the built-in step kinds, as the proof machines look them up: by agent kind, by effect, by state. */
import type { AgentKind } from "@millrace/agents";
import type { StepState } from "@millrace/contracts";
import type { StepKinds } from "@millrace/orchestration";
import { builtInSamples, type Sample, type SampleBudget, type SampleResult, type StepSamples } from "@millrace/orchestration/samples";

/** Under this name stand the answers of every agent kind without answers of its own. */
const ANY_KIND = "*";

const byStepKind = new Map(builtInSamples.map((samples) => [samples.stepKind, samples]));

/** Structured answers an agent of this kind may give, the ordinary one first; none for an agent that answers in prose. */
export function answersOf(kind: Pick<AgentKind, "id" | "step">): readonly Sample[] {
  const own = builtInSamples.flatMap(({ answers }) => answers?.[kind.id] ?? []);
  return own.length > 0 ? own : (byStepKind.get(kind.step)?.answers?.[ANY_KIND] ?? []);
}

/** Ballots that a participant of a panel may cast. */
export function ballotsOf(stepKinds: StepKinds): readonly Sample[] {
  return stepKinds.list().flatMap(({ name, isPanel }) => (isPanel ? (byStepKind.get(name)?.answers?.[ANY_KIND] ?? []) : []));
}

/**
 * Results that a call effect may return.
 *
 * @throws TypeError for an effect without samples.
 */
export function resultsOf(effect: string): readonly SampleResult[] {
  const results = builtInSamples.flatMap((samples) => samples.results?.[effect] ?? []);
  if (results.length === 0) throw new TypeError(`no step kind has samples of what '${effect}' may return`);
  return results;
}

/** Bounds of the counters in a state. */
export function budgetsOf(state: StepState): readonly SampleBudget[] {
  const budgets = byStepKind.get(state.kind)?.budgets ?? [];
  return budgets.filter(({ where = {} }) => Object.entries(where).every(([field, value]) => state[field] === value));
}

/** Steps of samples that only a few pipelines have, as pipelines of their own. */
export const sampleScenarios: NonNullable<StepSamples["scenarios"]> = builtInSamples.flatMap(({ scenarios }) => scenarios ?? []);
