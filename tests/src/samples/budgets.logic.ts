/** Whether a run keeps within its budgets (I6), by the bounds that the samples of its step kinds state. */
import type { MergePreset, Run, Step, StepState } from "@millrace/contracts";
import type { StepKinds } from "@millrace/orchestration";
import { builtInSamples, type SampleBudget } from "@millrace/orchestration/samples";

const budgetsByKind = new Map(builtInSamples.map(({ stepKind, budgets = [] }) => [stepKind, budgets]));

/** Bounds of the engine itself: failures after which an effect, or a job that cannot be read, fails the run. */
const TRIES = 5;
const UNREADABLE = 20;
/** Further tries while a service is away. */
const OUTAGE_TRIES = 96;

/** The registries and the preset that a run is judged by; without a preset, its bounds are not judged. */
export interface BudgetRules {
  readonly stepKinds: StepKinds;
  readonly preset: MergePreset | null;
  /** Whether services may be away for longer than a call is repeated at once. Default: false. */
  readonly hasOutages?: boolean;
}

/** What a run has used beyond its budgets. The event that ends a run is counted too. */
export function overspent(run: Run, rules: BudgetRules): readonly string[] {
  const isOver = run.phase.is !== "live";
  return run.steps.flatMap((step, index) =>
    spent(step, isOver, rules).map((what) => `step ${index + 1} (${step.definition.kind}): ${what}`),
  );
}

function spent({ state, activity }: Step, isOver: boolean, { stepKinds, preset, hasOutages = false }: BudgetRules): readonly string[] {
  const over: string[] = [];
  const atMost = (name: string, used: number | null, budget: number | null): void => {
    if (used !== null && budget !== null && used > budget) over.push(`${name} ${used} of ${budget}`);
  };
  // A panel stands in front of another kind, whose state counts.
  const inner = stepKinds.get(state.kind).inner(state) ?? state;
  for (const budget of budgetsOf(inner)) {
    const max = maxOf(budget, inner, preset);
    atMost(budget.name, numberAt(inner, budget.counter), max === null ? null : max + (isOver && budget.countsEnd === true ? 1 : 0));
  }
  const more = (hasOutages ? OUTAGE_TRIES : 0) - (isOver ? 0 : 1);
  if (activity.is === "effect") atMost("tries", activity.effect.tries, TRIES + more);
  if (activity.is === "job") atMost("unreadable polls", activity.unreadable, UNREADABLE + more);
  return over;
}

/** Whether one of these counters of a run has come to its bound: one more ends the run. */
export function isSpent(run: Run, stepKinds: StepKinds, counters: readonly string[]): boolean {
  return run.steps.some(({ state }) => {
    const inner = stepKinds.get(state.kind).inner(state) ?? state;
    return budgetsOf(inner).some((budget) => {
      const [used, max] = [numberAt(inner, budget.counter), maxOf(budget, inner, null)];
      return counters.includes(budget.name) && used !== null && max !== null && used >= max;
    });
  });
}

/** Whether one more failure of what a step does ends its run: an ordinary one, or one of a service that is out of order. */
export function isLastTry({ activity }: Step, inOutage: boolean): boolean {
  const more = inOutage ? OUTAGE_TRIES : 0;
  if (activity.is === "effect") return activity.effect.tries >= TRIES + more - 1;
  return activity.is === "job" && activity.unreadable >= UNREADABLE + more - 1;
}

function maxOf({ max }: SampleBudget, state: StepState, preset: MergePreset | null): number | null {
  if (typeof max === "number") return max;
  if ("state" in max) return numberAt(state, max.state) ?? 0;
  const value = preset?.[max.preset];
  return typeof value === "number" ? value : null;
}

/** Bounds of the counters in a state. */
function budgetsOf(state: StepState): readonly SampleBudget[] {
  const budgets = budgetsByKind.get(state.kind) ?? [];
  return budgets.filter(({ where = {} }) => Object.entries(where).every(([field, value]) => state[field] === value));
}

/** Rounds that loops have got between two states of a run beyond those people gave. */
export function ungrantedRounds(before: Run, after: Run, given: number): number {
  const grown = after.steps.reduce((sum, { state }, index) => {
    const [was, is] = [before.steps[index]?.state["maxReworks"], state["maxReworks"]];
    return sum + (typeof was === "number" && typeof is === "number" ? Math.max(0, is - was) : 0);
  }, 0);
  return Math.max(0, grown - given);
}

/**
 * Long counters jump from their first count to one before their last. Between the two they are only ever compared with the bound, so the
 * states between differ in nothing; both ends are explored as they are.
 */
export function jumped(run: Run): Run {
  if (run.phase.is !== "live") return run;
  return { ...run, steps: run.steps.map((step) => ({ ...step, state: jumpedState(step.state), activity: jumpedActivity(step.activity) })) };
}

function jumpedState(state: StepState): StepState {
  return budgetsOf(state).reduce<StepState>((jumping, { counter, max, isLong, countsEnd }) => {
    const count = isLong === true ? numberAt(jumping, counter) : null;
    if (count === null || typeof max !== "number") return jumping;
    return { ...jumping, ...withNumber(jumping, counter, jump(count, max - (countsEnd === true ? 0 : 1))) };
  }, state);
}

function jumpedActivity(activity: Step["activity"]): Step["activity"] {
  if (activity.is === "effect") return { ...activity, effect: { ...activity.effect, tries: jumpedTries(activity.effect.tries, TRIES) } };
  return activity.is === "job" ? { ...activity, unreadable: jumpedTries(activity.unreadable, UNREADABLE) } : activity;
}

/** To the last try, and from the second one of an outage to its last. */
function jumpedTries(count: number, tries: number): number {
  return count > tries ? jump(count, tries + OUTAGE_TRIES - 1) : jump(count, tries - 1);
}

function jump(count: number, to: number): number {
  return count === 0 ? 0 : Math.max(count, to);
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null ? { ...value } : null;
}

function numberAt(fields: Fields, path: readonly string[]): number | null {
  const value = path.reduce<unknown>((at, name) => fieldsOf(at)?.[name], fields);
  return typeof value === "number" ? value : null;
}

function withNumber(fields: Fields, [name = "", ...rest]: readonly string[], value: number): Fields {
  return { ...fields, [name]: rest.length === 0 ? value : withNumber(fieldsOf(fields[name]) ?? {}, rest, value) };
}
