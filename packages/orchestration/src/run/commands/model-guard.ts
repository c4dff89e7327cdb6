import type { Actor, Run } from "@millrace/contracts";
import { MillraceError, type AgentRequest, type ModelStatus } from "@millrace/kernel";
import type { Registries } from "../model/evolve.logic.js";
import type { DecisionInput } from "../model/decision-input.js";
import { dispatchable } from "../rules/dispatchable.logic.js";
import { resolveModel, type ResolvedModel } from "../rules/resolve-model.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";

interface ModelsRequest {
  readonly run: Pick<Run, "steps" | "workspaceId">;
  readonly input: Pick<DecisionInput, "block" | "settings" | "catalogue">;
  readonly actor: Actor;
}

/** Every model that a run may still need, and whether it can be used. */
export async function modelStatuses(
  ports: Pick<OrchestrationPorts, "models">,
  registries: Registries,
  { run, input, actor }: ModelsRequest,
): Promise<readonly ModelStatus[]> {
  const statuses: ModelStatus[] = [];
  for (const { kind, model } of dispatchable(run, registries)) {
    // Only a participant of a panel pins its own, and a panel asks in calls.
    const resolved = resolveModel(input, { kind, request: model === null ? requestOf(kind, registries) : "ask-agent", own: model });
    const asked = { workspaceId: run.workspaceId, kind, pinned: resolved.model, initiatedBy: actor.id };
    statuses.push(resolved.refusal === null ? await ports.models.status(asked) : refused(kind, resolved));
  }
  return statuses;
}

/** The request by which an agent kind asks its model. */
function requestOf(kind: string, { kinds, stepKinds }: Registries): AgentRequest {
  const known = kinds.get(kind);
  return (known === null ? null : stepKinds.get(known.step).asks) ?? "ask-agent";
}

/** A model that no provider serves for the request is unusable, whatever the host's registry says. */
export function refused(kind: string, { model, refusal }: ResolvedModel): ModelStatus {
  return { kind, model, usable: false, why: refusal ?? "", fix: "choose a model that serves it", vendor: null };
}

/** @throws MillraceError `model_unusable` naming each kind, its model and the fix. */
export function requireUsable(statuses: readonly ModelStatus[]): void {
  const unusable = statuses.filter(({ usable }) => !usable);
  if (unusable.length === 0) return;
  throw new MillraceError("model_unusable", unusable.map(({ kind, model, why }) => `${kind} (${model ?? "no model"}): ${why}`).join("; "), {
    fix: [...new Set(unusable.map(({ fix }) => fix))].join("; "),
    details: { kinds: unusable.map(({ kind }) => kind) },
  });
}

/**
 * Guard: every model that a run may still need can be used. Called before any change. Returns the vendors whose personal
 * credential of the initiator is needed. The same for start, retry, restart and resume.
 * @throws MillraceError `model_unusable` naming each kind, its model and the fix.
 */
export async function guardModels(
  ports: Pick<OrchestrationPorts, "models">,
  registries: Registries,
  request: ModelsRequest,
): Promise<readonly string[]> {
  const statuses = await modelStatuses(ports, registries, request);
  requireUsable(statuses);
  return [...new Set(statuses.flatMap(({ vendor }) => (vendor === null ? [] : [vendor])))];
}
