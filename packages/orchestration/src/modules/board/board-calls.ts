import type { Actor, Block, Pipeline, RepositoryRef, Role, TaskRunSummary } from "@millrace/contracts";
import { MillraceError, type BlockWithRun, type Change } from "@millrace/kernel";

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

/** What the module needs of other modules. Those that return changes are pure: the board commits them with its own. */
export interface BoardModuleCalls {
  readonly memberHasRole: (candidate: Candidate) => Promise<boolean>;
  readonly modelIsKnown: (workspaceId: string, modelId: string) => Promise<boolean>;
  /** The ids that are no fragments of the workspace or its account. */
  readonly unknownFragments: (workspaceId: string, ids: readonly string[]) => Promise<readonly string[]>;
  /** Ids of the fragments that a new service gets. */
  readonly defaultFragments: (workspaceId: string) => Promise<readonly string[]>;
  /** What makes a new service known to the other boards of its account. */
  readonly registerService: (service: Block) => readonly Change[];
  /**
   * What takes a repository for a service.
   * @throws MillraceError `already_exists` when another service of the account has it.
   */
  readonly claimRepository: (service: Block, repository: RepositoryRef | null) => Promise<readonly Change[]>;
  /**
   * What makes a task wait for others.
   * @throws MillraceError `not_found`, `cycle`, `limit_reached`.
   */
  readonly dependOn: (task: Block, ids: readonly string[]) => Promise<readonly Change[]>;
  /** Ids of the tasks that a block waits for, and of those that wait for it. */
  readonly dependencies: (workspaceId: string, blockId: string) => Promise<{ readonly dependsOn: string[]; readonly neededBy: string[] }>;
}

export type BoardCalls = BoardEngineCalls & BoardModuleCalls;

/**
 * A board without the modules beside it: tasks are given to the caller only, every model is taken for known, there are no fragments and no
 * dependencies, and a repository may be that of several services.
 */
export const boardAlone: BoardModuleCalls = {
  memberHasRole: async ({ userId, actor }) => actor.type === "human" && actor.id === userId,
  modelIsKnown: async () => true,
  unknownFragments: async (_workspaceId, ids) => ids,
  defaultFragments: async () => [],
  registerService: () => [],
  claimRepository: async () => [],
  dependOn: async () => {
    throw new MillraceError("not_configured", "this host has no dependencies between tasks", { fix: "leave out dependsOn" });
  },
  dependencies: async () => ({ dependsOn: [], neededBy: [] }),
};
