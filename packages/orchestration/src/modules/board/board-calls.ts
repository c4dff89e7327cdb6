import type { Actor, Block, Pipeline, Role, TaskRunSummary } from "@millrace/contracts";
import type { BlockWithRun } from "@millrace/kernel";
import type { Authorship } from "../../platform/board-event.logic.js";
import type { PlacementCalls } from "./placement-service.js";
import type { RemovalCalls } from "./removal-service.js";

/** A person that a task is to be given to. */
export interface Candidate {
  readonly workspaceId: string;
  readonly userId: string;
  /** One of them is enough. */
  readonly roles: readonly Role[];
  /** Who gives it. */
  readonly actor: Actor;
}

/** What the module needs of the engine. */
export interface BoardEngineCalls {
  /** The pipeline of that id that holds in a workspace, its own or a built-in one; null when there is neither. */
  readonly pipeline: (workspaceId: string, id: string) => Promise<Pipeline | null>;
  /** The last run of a task in a few words; null when it had none. */
  readonly summarize: (found: BlockWithRun, now: number) => TaskRunSummary | null;
}

/** What the module needs of other modules. */
export interface BoardModuleCalls {
  readonly memberHasRole: (candidate: Candidate) => Promise<boolean>;
  readonly modelIsKnown: (workspaceId: string, modelId: string) => Promise<boolean>;
  /** The ids that are no fragments of the workspace or its account. */
  readonly unknownFragments: (workspaceId: string, ids: readonly string[]) => Promise<readonly string[]>;
  /** Ids of the fragments that a new service gets. */
  readonly defaultFragments: (workspaceId: string) => Promise<readonly string[]>;
  /**
   * Claims the place of a service in the directory of its account, before it is written at home.
   * @throws MillraceError `already_exists` when another service of the account works on its repository.
   */
  readonly claimService: (service: Block) => Promise<void>;
  /** Makes a service known to the other boards of its account, once it is written at home. */
  readonly confirmService: (service: Block, by: Authorship) => Promise<void>;
}

/** What the board cannot be without: the way from an id to its home, and what a removal ends. */
export type BoardStructureCalls = PlacementCalls & RemovalCalls;

/** Everything that the board needs of the engine and of other modules. */
export type BoardCalls = BoardEngineCalls & BoardModuleCalls & BoardStructureCalls;

/**
 * A board without the modules beside it: tasks are given to the caller only, every model is taken for known, there are no fragments, and a
 * repository may be that of several services.
 */
export const boardAlone: BoardModuleCalls = {
  memberHasRole: async ({ userId, actor }) => actor.type === "human" && actor.id === userId,
  modelIsKnown: async () => true,
  unknownFragments: async (_workspaceId, ids) => ids,
  defaultFragments: async () => [],
  claimService: async () => undefined,
  confirmService: async () => undefined,
};
