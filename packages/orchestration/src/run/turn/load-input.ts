import type { AgentKinds } from "@millrace/agents";
import { checkPolicySchema, type CheckPolicy, type Digest, type JsonValue, type RepositoryRef } from "@millrace/contracts";
import { canonicalJson, digestText, notFound, type LookAround, type Surroundings } from "@millrace/kernel";
import { Lru } from "../../platform/lru.js";
import type { DecisionInput, Patience } from "../model/decision-input.js";
import { BALANCED_PRESET } from "../rules/merge-thresholds.logic.js";

/** Policies whose digest is remembered; a process sees a few. */
const MAX_DIGESTS = 100;

/** Facts, and where the block's code lives. */
export interface LoadedInput extends DecisionInput {
  readonly repository: RepositoryRef | null;
}

/** `revision`: of the run as stored in the moment the facts were read; null without one. @throws MillraceError `not_found`. */
export type ReadInput = (
  look: LookAround,
  around: Surroundings,
) => Promise<{ readonly input: LoadedInput; readonly revision: number | null }>;

/** What is around a run, as facts. Read anew each time: people change it at any time. */
export function createReadInput(kinds: AgentKinds, patience: Patience, capabilities: DecisionInput["capabilities"]): ReadInput {
  const policyDigest = rememberDigests();
  return async ({ workspaceId, blockId }, { path, workspace, preset, revision }) => {
    const [block] = path;
    if (block === undefined) throw notFound("block", blockId);
    if (workspace === null) throw notFound("workspace", workspaceId);
    const service = path.find(({ level }) => level === "service") ?? null;
    const checkPolicy: CheckPolicy = service?.checks ?? checkPolicySchema.parse({});
    const input = {
      block,
      service,
      settings: workspace.settings,
      capabilities,
      preset: preset ?? { ...BALANCED_PRESET, id: "balanced", workspaceId, isDefault: true },
      checkPolicy,
      checkPolicyDigest: await policyDigest({ ci: checkPolicy.ci, requiredChecks: checkPolicy.requiredChecks }),
      kinds,
      patience,
      repository: service?.repository ?? null,
    };
    return { input, revision };
  };
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
