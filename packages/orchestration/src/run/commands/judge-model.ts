import type { Actor, WorkspaceSettings } from "@millrace/contracts";
import { modelCatalogueOff, type AgentRequest } from "@millrace/kernel";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { Registries } from "../model/evolve.logic.js";
import { resolveModel } from "../rules/resolve-model.logic.js";
import { refused } from "./model-guard.js";

/** Question to the judge: an agent kind of a workspace, for a task that pins no model. */
interface KindQuestion {
  readonly workspaceId: string;
  readonly kind: string;
  readonly request: AgentRequest;
  /** Models that the workspace sets, by kind. */
  readonly defaults: WorkspaceSettings["models"];
  readonly initiator: Actor;
}

/** What a person is told of the model of an agent kind before a run: the answer of the guard that a start has. */
export function createJudge(ports: Pick<OrchestrationPorts, "models" | "agents" | "catalogue">, { kinds, stepKinds }: Registries) {
  const catalogue = ports.catalogue ?? modelCatalogueOff;
  return {
    asking: () =>
      kinds.list().flatMap((kind) => {
        const request = stepKinds.get(kind.step).asks;
        return request === null ? [] : [{ kind: kind.id, request }];
      }),
    async judge({ workspaceId, kind, request, defaults, initiator }: KindQuestion) {
      const resolved = resolveModel({ block: { modelId: null }, settings: { models: defaults }, catalogue }, { kind, request, own: null });
      const status =
        resolved.refusal === null
          ? await ports.models.status({ workspaceId, kind, pinned: resolved.model, initiatedBy: initiator.id })
          : refused(kind, resolved);
      const label = resolved.model ?? status.model ?? (await ports.agents.resolveModel(kind, request).catch(() => null));
      const from = resolved.from === "workspace" ? ("workspace" as const) : ("deployment" as const);
      return { resolved: label?.slice(0, 200) ?? null, from, usable: status.usable, why: status.why, fix: status.fix };
    },
  };
}
