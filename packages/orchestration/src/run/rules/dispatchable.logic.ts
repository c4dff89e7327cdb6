import type { Run } from "@millrace/contracts";
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
    for (const sent of registries.stepKinds.get(step.state.kind).dispatches(definition, kind)) add(sent, null);
    for (const { model } of definition.consensus?.participants ?? []) if (model !== null) add(kind.id, model);
  }
  return [...found.values()];
}
