import type { AgentKind } from "@millrace/agents";
import type { Run, Step, StepDefinition } from "@millrace/contracts";
import type { AgentRequest } from "@millrace/kernel";
import type { Registries } from "../model/evolve.logic.js";
import { isFinished } from "../model/due.logic.js";

/** An agent a run may still send, and the model its step pins; null: none pinned. */
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

/** One kind of request of one agent kind. */
export interface KindRequest {
  readonly kind: string;
  readonly request: AgentRequest;
}

/**
 * The requests that steps may make of agents, each once. Finished steps count: a rework starts them over in the very decision that asks
 * for it. Remembered per step definition, because every turn of a run asks for them.
 */
export function createDispatchableRequests(registries: Registries): (steps: readonly Step[]) => readonly KindRequest[] {
  const known = new WeakMap<StepDefinition, readonly KindRequest[]>();
  const requestsOf = (step: Step): readonly KindRequest[] => {
    const before = known.get(step.definition);
    if (before !== undefined) return before;
    const requests = requestsBy(step, registries);
    known.set(step.definition, requests);
    return requests;
  };
  return (steps) => {
    const found: KindRequest[] = [];
    for (const step of steps)
      for (const one of requestsOf(step))
        if (!found.some(({ kind, request }) => kind === one.kind && request === one.request)) found.push(one);
    return found;
  };
}

/** The request of each agent kind a step may dispatch is the one its step kind declares; a panel asks the step's own kind in calls. */
function requestsBy(step: Step, registries: Registries): readonly KindRequest[] {
  const own = registries.kinds.get(step.definition.kind);
  if (own === null) return [];
  const requests = dispatchedBy(step, own, registries).flatMap((id): readonly KindRequest[] => {
    const kind = registries.kinds.get(id);
    const request = kind === null ? null : registries.stepKinds.get(kind.step).asks;
    return request === null ? [] : [{ kind: id, request }];
  });
  return step.definition.consensus === null ? requests : [...requests, { kind: own.id, request: "ask-agent" }];
}

/** Helpers included. */
function dispatchedBy({ definition, state }: Step, kind: AgentKind, registries: Registries): readonly string[] {
  return registries.stepKinds.get(state.kind).dispatches(definition, kind);
}
