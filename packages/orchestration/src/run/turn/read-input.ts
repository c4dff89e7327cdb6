/** Reads the input of a decision beside the run: one point read per turn, never cached, because people change it at any time. */
import {
  checkPolicySchema,
  type CheckPolicy,
  type Fragment,
  type Digest,
  type JsonValue,
  type RepositoryRef,
  type Step,
} from "@millrace/contracts";
import { canonicalJson, digestText, notFound, type AgentExecutor, type AgentRequest, type RunContext } from "@millrace/kernel";
import { Lru } from "../../platform/lru.js";
import type { DecisionInput, KindModel } from "../model/decision-input.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { readFragments } from "./read-fragments.js";
import type { Registries } from "../model/evolve.logic.js";
import { createDispatchableRequests, type KindRequest } from "../rules/dispatchable.logic.js";
import { fragmentIdsOf } from "../rules/fragments.logic.js";
import { presetInForce } from "../rules/merge-thresholds.logic.js";

/** Policies whose digest is remembered; a process sees a few. */
const MAX_DIGESTS = 100;
/** Models of agent kinds that are remembered; a host has a few dozen kinds. */
const MAX_MODELS = 1000;
const UNKNOWN_MODEL: KindModel = { label: null, rate: "job" };

/** The input of a decision, and the repository a new run of the block would work on. */
export interface LoadedInput extends DecisionInput {
  readonly repository: RepositoryRef | null;
}

/** The block whose run is decided, and the steps whose agents may still be asked. */
export interface InputQuery {
  readonly workspaceId: string;
  readonly blockId: string;
  readonly steps: readonly Step[];
}

/**
 * The input of a decision, from what one read of the store returned.
 * @throws MillraceError `not_found` without the block or its workspace.
 */
export type ReadInput = (query: InputQuery, context: RunContext) => Promise<LoadedInput>;

export function createReadInput(
  { agents, store }: Pick<OrchestrationPorts, "agents" | "store">,
  registries: Registries,
  { pool, ...settings }: Pick<DecisionInput, "patience" | "capabilities" | "catalogue"> & { readonly pool: readonly Fragment[] },
): ReadInput {
  const policyDigest = rememberDigests();
  const readModels = createReadModels(agents, registries);
  return async ({ workspaceId, blockId, steps }, { path, workspace, preset, models: ofWorkspace }) => {
    const [block] = path;
    if (block === undefined) throw notFound("block", blockId);
    if (workspace === null) throw notFound("workspace", workspaceId);
    const service = path.find(({ level }) => level === "service") ?? null;
    const checkPolicy: CheckPolicy = service?.checks ?? checkPolicySchema.parse({});
    const [checkPolicyDigest, models] = await Promise.all([
      policyDigest({ ci: checkPolicy.ci, requiredChecks: checkPolicy.requiredChecks }),
      readModels(steps),
    ]);
    return {
      block,
      service,
      // A row for each kind; what the settings still have holds for kinds without one.
      settings: { ...workspace.settings, models: { ...workspace.settings.models, ...ofWorkspace } },
      preset: presetInForce(block, preset),
      checkPolicy,
      checkPolicyDigest,
      models,
      fragments: await readFragments(store, pool, workspace, fragmentIdsOf({ block, service })),
      kinds: registries.kinds,
      repository: service?.repository ?? null,
      ...settings,
    };
  };
}

/** The models, as the executor knows them, of every request that these steps may still make. */
function createReadModels(agents: AgentExecutor, registries: Registries): (steps: readonly Step[]) => Promise<DecisionInput["models"]> {
  const dispatchableRequests = createDispatchableRequests(registries);
  const lastKnown = new Lru<string, KindModel>(MAX_MODELS);
  // An executor that cannot tell for a moment said so before: what it said then holds. One that never could has no label, and is metered.
  const readModel = async ({ kind, request }: KindRequest): Promise<KindModel> => {
    const name = `${request}/${kind}`;
    const before = lastKnown.get(name) ?? UNKNOWN_MODEL;
    const label = unless(() => agents.resolveModel(kind, request), before.label);
    const rate = unless(() => agents.rateOf(kind, request), before.rate);
    const model = { label: await label, rate: await rate };
    if (model.label !== before.label || model.rate !== before.rate) lastKnown.set(name, model);
    return model;
  };
  return async (steps) => {
    const queries = dispatchableRequests(steps);
    const models = await Promise.all(queries.map(readModel));
    const found = new Map<string, Partial<Record<AgentRequest, KindModel>>>();
    for (const [index, { kind, request }] of queries.entries()) {
      const model = models[index];
      if (model !== undefined) found.set(kind, { ...found.get(kind), [request]: model });
    }
    return found;
  };
}

/** What an executor said last holds while it cannot tell; it keeps no run from working. */
async function unless<T>(ask: () => Promise<T>, unknown: T): Promise<T> {
  try {
    return await ask();
  } catch {
    return unknown;
  }
}

/** Policies differ between services, not between steps; a digest is a trip to another thread, and was most of a step's waiting. */
function rememberDigests(): (value: JsonValue) => Promise<Digest> {
  const known = new Lru<string, Promise<Digest>>(MAX_DIGESTS);
  return (value) => {
    const text = canonicalJson(value);
    const before = known.get(text);
    if (before !== undefined) return before;
    const digest = digestText(text);
    known.set(text, digest);
    return digest;
  };
}
