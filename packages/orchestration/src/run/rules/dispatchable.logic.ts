import type { AgentKind } from "@millrace/agents";
import type { Run, Step, StepDefinition } from "@millrace/contracts";
import type { Registries } from "../model/evolve.logic.js";
import { isFinished } from "../model/due.logic.js";

/** An agent a run may still send, and the model it is pinned to by its step; null: nobody pinned one. */
export interface Dispatchable {
  readonly kind: string;
  readonly model: string | null;
}

/**
 * Every agent a run can still dispatch: its unfinished steps, the helpers they may send, the participants of their panels. What is
 * done, skipped or disabled does not count. One list for every guard, at every entry.
 */
export function dispatchable(run: Pick<Run, "steps">, registries: Registries): readonly Dispatchable[] {
  const found = new Map<string, Dispatchable>();
  const add = (kind: string, model: string | null): void => void found.set(JSON.stringify([kind, model]), { kind, model });
  for (const step of run.steps) {
    if (isFinished(step)) continue;
    const { definition } = step;
    const kind = registries.kinds.get(definition.kind);
    if (kind === null) continue;
    for (const sent of dispatchedBy(step, kind, registries)) add(sent, null);
    for (const { model } of definition.consensus?.participants ?? []) if (model !== null) add(kind.id, model);
  }
  return [...found.values()];
}

/** The agent kinds that unfinished steps may still dispatch. Remembered per step definition: it is asked for with every turn of a run. */
export function createDispatchableKinds(registries: Registries): (steps: readonly Step[]) => ReadonlySet<string> {
  const known = new WeakMap<StepDefinition, readonly string[]>();
  const kindsOf = (step: Step): readonly string[] => {
    const before = known.get(step.definition);
    if (before !== undefined) return before;
    const kind = registries.kinds.get(step.definition.kind);
    const kinds = kind === null ? [] : dispatchedBy(step, kind, registries);
    known.set(step.definition, kinds);
    return kinds;
  };
  return (steps) => new Set(steps.flatMap((step) => (isFinished(step) ? [] : kindsOf(step))));
}

/** Helpers included. */
function dispatchedBy({ definition, state }: Step, kind: AgentKind, registries: Registries): readonly string[] {
  return registries.stepKinds.get(state.kind).dispatches(definition, kind);
}
