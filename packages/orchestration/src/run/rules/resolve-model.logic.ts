/**
 * The model of a request to an agent. The one rule that the picker, the guards of start, retry, restart and resume, and the dispatch
 * share: what is offered is what runs.
 */
import type { CatalogueModel, EffectRequest } from "@millrace/contracts";
import type { AgentRequest, ModelCatalogue } from "@millrace/kernel";
import type { DecisionInput } from "../model/decision-input.js";

/** Of a label; a longer one is cut. */
const LABEL_CHARS = 200;

/** Where the model of a request comes from: the first of these that names one. */
export type ModelSource = "step" | "block" | "workspace" | "deployment";

/** Model of a request. */
export interface ResolvedModel {
  /** `provider:model`, or the name as it was given where the catalogue has no such model; null: the deployment decides. */
  readonly model: string | null;
  readonly from: ModelSource;
  /** Why no way to the model serves the request; null: one does, or the catalogue does not know the model. */
  readonly refusal: string | null;
}

/** A request to an agent kind; `own`: the model that the step pins, e.g. for a participant of its panel. */
export interface ModelQuery {
  readonly kind: string;
  readonly request: AgentRequest;
  readonly own: string | null;
}

/** What the choice of a model looks at. */
interface Known {
  readonly block: Pick<DecisionInput["block"], "modelId">;
  readonly settings: Pick<DecisionInput["settings"], "models">;
  readonly catalogue: ModelCatalogue;
}

/** The model that a request is pinned to: by its step, the block, or the workspace for the kind; else the deployment's. */
export function resolveModel({ block, settings, catalogue }: Known, { kind, request, own }: ModelQuery): ResolvedModel {
  const named: readonly (readonly [ModelSource, string | null | undefined])[] = [
    ["step", own],
    ["block", block.modelId],
    ["workspace", settings.models[kind]],
  ];
  for (const [from, name] of named) if (name != null) return { from, ...reach(catalogue, name, request) };
  return { from: "deployment", model: null, refusal: null };
}

/** The `provider:model` label a request will run on, as far as it is known before the call; null for requests that ask no agent. */
export function modelLabel(request: EffectRequest, input: Known & Pick<DecisionInput, "models">): string | null {
  if (request.do !== "ask-agent" && request.do !== "start-job") return null;
  const own = request.do === "ask-agent" ? (request.participant?.model ?? null) : null;
  const { model } = resolveModel(input, { kind: request.kind, request: request.do, own });
  const label = model ?? input.models.get(request.kind)?.[request.do]?.label ?? null;
  return label?.slice(0, LABEL_CHARS) ?? null;
}

/** The model of that id, or with a way of that `provider:model` label; null: the catalogue does not have it. */
export function findModel({ models }: ModelCatalogue, name: string): CatalogueModel | null {
  return models.find(({ id, ways }) => id === name || ways.some((way) => labelOf(way) === name)) ?? null;
}

/** By the declarations of the providers: whether a job of a coding agent can run on the model. */
export function usableByJobs({ ways }: CatalogueModel): boolean {
  return ways.some(({ serves }) => serves.includes("start-job"));
}

function reach(catalogue: ModelCatalogue, name: string, request: AgentRequest): Pick<ResolvedModel, "model" | "refusal"> {
  const found = findModel(catalogue, name);
  if (found === null) return { model: name, refusal: null };
  const ways = found.id === name ? found.ways : found.ways.filter((way) => labelOf(way) === name);
  const way = ways.find(({ serves }) => serves.includes(request));
  if (way !== undefined) return { model: labelOf(way), refusal: null };
  return { model: name, refusal: `no way to it serves ${request === "start-job" ? "jobs of coding agents" : "single calls"}` };
}

function labelOf({ provider, model }: CatalogueModel["ways"][number]): string {
  return `${provider}:${model}`;
}
