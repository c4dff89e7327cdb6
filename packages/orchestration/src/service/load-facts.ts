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
/** Blocks whose place is remembered: more than a driver has in hand at a time. */
const MAX_PLACES = 1000;

/** Facts, and where the block's code lives. */
export interface LoadedFacts extends Facts {
  readonly repository: RepositoryRef | null;
}

export type FactsLoader = (workspaceId: string, blockId: string) => Promise<LoadedFacts>;

/**
 * Point reads only: the block, its frame (a bounded walk up), its preset. Read anew each time: people change them at any time. They are
 * asked for together: what is above a block is asked for where it was the last time, and looked for when it is not there any more.
 */
export function createFactsLoader(store: Store, kinds: AgentKinds, patience: Patience, services: Facts["services"]): FactsLoader {
  const policyDigest = rememberDigests();
  const places = new Map<string, readonly string[]>();
  return async (workspaceId, blockId) => {
    const [block, workspace, standard, ...above] = await Promise.all([
      store.blocks.get(workspaceId, blockId),
      store.workspaces.get(workspaceId),
      store.presets.getDefault(workspaceId),
      ...(places.get(blockId) ?? []).map((id) => store.blocks.get(workspaceId, id)),
    ]);
    if (block === null) throw notFound("block", blockId);
    if (workspace === null) throw notFound("workspace", workspaceId);
    const path = await pathToFrame(store, block, above);
    if (places.size >= MAX_PLACES) places.clear();
    places.set(
      blockId,
      path.slice(1).map(({ id }) => id),
    );
    const frame = path.find(({ level }) => level === "frame") ?? null;
    const checkPolicy: CheckPolicy = frame?.checks ?? checkPolicySchema.parse({});
    return {
      block,
      frame,
      settings: workspace.settings,
      services,
      preset: await presetOf(store, block, standard),
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

/** From a block up to its frame, or as far as there is something. `read` are blocks that were read in this moment already. */
async function pathToFrame(store: Store, block: Block, read: readonly (Block | null)[]): Promise<readonly Block[]> {
  const path = [block];
  for (let at = block; at.level !== "frame" && at.parentId !== null && path.length < MAX_DEPTH; ) {
    const { parentId } = at;
    const parent = read.find((one) => one?.id === parentId) ?? (await store.blocks.get(block.workspaceId, parentId));
    if (parent === null) break;
    path.push(parent);
    at = parent;
  }
  return path;
}

async function presetOf(store: Store, block: Block, standard: MergePreset | null): Promise<MergePreset> {
  const pinned = block.presetId === null ? null : await store.presets.get(block.workspaceId, block.presetId);
  return pinned ?? standard ?? { ...BALANCED_PRESET, id: "balanced", workspaceId: block.workspaceId, isDefault: true };
}
