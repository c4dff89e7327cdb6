import type { RepositoryRef, Run, StepDefinition } from "@millrace/contracts";
import {
  BEHAVIOUR_FLAGS,
  consequences,
  createRegistries,
  decide,
  DEFAULT_PATIENCE,
  due,
  evolve,
  freshStep,
  holdDecision,
  parsePipeline,
  toRecord,
  type Registries,
} from "@millrace/orchestration";

/** The functions under exploration. A mutant replaces some of them. */
export interface ExploredEngine {
  readonly decide: typeof decide;
  readonly evolve: typeof evolve;
  readonly due: typeof due;
  readonly consequences: typeof consequences;
  readonly holdDecision: typeof holdDecision;
  readonly toRecord: typeof toRecord;
  readonly parsePipeline: typeof parsePipeline;
}

export const realEngine: ExploredEngine = { decide, evolve, due, consequences, holdDecision, toRecord, parsePipeline };

export const registries: Registries = createRegistries();

/** Time does not pass: only exhausted patience is later, and it finishes the run. */
export const NOW = 1_000_000_000;
export const PATIENCE = DEFAULT_PATIENCE;

/** A secret in the free text of the board, which must reach neither a run nor an error. */
export const SECRET = "sk-live-0123456789";

/** Merge preset of every exploration. */
export const PRESET = {
  id: "preset",
  workspaceId: "ws",
  name: "small",
  who: "automatic" as const,
  maxComplexity: 0.5,
  maxRisk: 0.5,
  maxImpact: 0.5,
  ciMaxAttempts: 1,
  maxReworks: 1,
  maxReviewIterations: 2,
  toleratedConcern: "none" as const,
  releaseWatchMinutes: 30,
  releaseMaxAttempts: 1,
};

const repository: RepositoryRef = { forge: "memory", id: "repo", base: "main" };

/** A run of these steps before its start. */
export function newRun(definitions: readonly StepDefinition[]): Run {
  return {
    id: "run",
    workspaceId: "ws",
    blockId: "blk",
    pipeline: { id: "pipe", name: "explored", digest: "pipe" },
    flags: BEHAVIOUR_FLAGS.map(({ number }) => number),
    initiatedBy: { type: "human", id: "ada" },
    supersedes: null,
    repository,
    pullRequest: null,
    merged: null,
    estimate: null,
    startedAt: NOW,
    finishedAt: null,
    steps: definitions.map((definition) => freshStep(definition, registries)),
    cursor: 0,
    phase: { is: "live" },
    revision: 1,
  };
}
