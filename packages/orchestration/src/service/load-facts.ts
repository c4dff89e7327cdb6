import type { AgentKinds } from "@millrace/agents";
import {
  checkPolicySchema,
  type Block,
  type CheckPolicy,
  type Digest,
  type JsonValue,
  type MergePreset,
  type RepositoryRef,
} from "@millrace/contracts";
import { canonicalJson, digestText, notFound, type Store } from "@millrace/kernel";
import type { Facts, Patience } from "../engine/facts.js";
import { BALANCED_PRESET } from "../policy/merge-thresholds.logic.js";

/** A task sits in a module in a frame; anything deeper is a broken board. */
const MAX_DEPTH = 8;
/** Policies whose digest is remembered; a process sees a few. */
const MAX_DIGESTS = 100;

/** Facts, and where the block's code lives. */
export interface LoadedFacts extends Facts {
  readonly repository: RepositoryRef | null;
}

export type FactsLoader = (workspaceId: string, blockId: string) => Promise<LoadedFacts>;

/** Point reads only: the block, its frame (a bounded walk up), its preset. Read anew each time: people change them at any time. */
export function createFactsLoader(store: Store, kinds: AgentKinds, patience: Patience, services: Facts["services"]): FactsLoader {
  const policyDigest = rememberDigests();
  return async (workspaceId, blockId) => {
    const block = await store.blocks.get(workspaceId, blockId);
    if (block === null) throw notFound("block", blockId);
    const frame = await frameOf(store, block);
    const workspace = await store.workspaces.get(workspaceId);
    if (workspace === null) throw notFound("workspace", workspaceId);
    const checkPolicy: CheckPolicy = frame?.checks ?? checkPolicySchema.parse({});
    return {
      block,
      frame,
      settings: workspace.settings,
      services,
      preset: await presetOf(store, block),
      checkPolicy,
      checkPolicyDigest: await policyDigest({ ci: checkPolicy.ci, requiredChecks: checkPolicy.requiredChecks }),
      kinds,
      patience,
      repository: frame?.repository ?? null,
    };
  };
}

/** Policies differ between services, not between steps; a digest is a trip to another thread, and was most of a step's waiting. */
function rememberDigests(): (value: JsonValue) => Promise<Digest> {
  const known = new Map<string, Promise<Digest>>();
  return (value) => {
    const text = canonicalJson(value);
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= MAX_DIGESTS) known.clear();
    const digest = digestText(text);
    known.set(text, digest);
    return digest;
  };
}

async function frameOf(store: Store, block: Block): Promise<Block | null> {
  let at: Block | null = block;
  for (let depth = 0; at !== null && depth < MAX_DEPTH; depth += 1) {
    if (at.level === "frame") return at;
    at = at.parentId === null ? null : await store.blocks.get(at.workspaceId, at.parentId);
  }
  return null;
}

async function presetOf(store: Store, block: Block): Promise<MergePreset> {
  const pinned = block.presetId === null ? null : await store.presets.get(block.workspaceId, block.presetId);
  return (
    pinned ??
    (await store.presets.getDefault(block.workspaceId)) ?? {
      ...BALANCED_PRESET,
      id: "balanced",
      workspaceId: block.workspaceId,
      isDefault: true,
    }
  );
}
