import {
  workspaceSettingsSchema,
  type Block,
  type MergeRecord,
  type RepositoryRef,
  type Run,
  type StepDefinition,
} from "@millrace/contracts";
import {
  BEHAVIOUR_FLAGS,
  consequences,
  createRegistries,
  decide,
  DEFAULT_PATIENCE,
  emptyBlock,
  due,
  evolve,
  freshStep,
  holdDecision,
  parsePipeline,
  toRecord,
  type DecisionInput,
  type Registries,
} from "@millrace/orchestration";
import type { Environment } from "./environment.logic.js";

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
  isDefault: true,
};

const repository: RepositoryRef = { forge: "memory", id: "repo", base: "main" };
const block: Block = emptyBlock({
  id: "blk",
  workspaceId: "ws",
  level: "task",
  parentId: "service",
  title: "task",
  description: `use ${SECRET}`,
  status: "in_progress",
  runId: "run",
  createdAt: NOW,
});

const service: Block = { ...block, id: "service", level: "service", parentId: null, title: "service", runId: null };

/** The merge of an earlier run of the task, in a pull request of its own. */
const EARLIER_MERGE: MergeRecord = {
  pullRequest: { id: "pr0", number: 99, url: "memory://pr/99", branch: "work", base: "main" },
  commit: "e".repeat(40),
  head: "d".repeat(40),
  base: "c".repeat(40),
  at: NOW,
  runId: "earlier",
};

/** Inputs of a decision in an environment: the settings in force, on a task that an earlier run has landed or not. */
export function inputUnder({ settings, isLanded, peopleMerge }: Environment): DecisionInput {
  return {
    block: { ...block, moduleName: "module", merged: isLanded ? EARLIER_MERGE : null },
    service,
    settings: workspaceSettingsSchema.parse({}),
    capabilities: { environments: true, tracker: true, releases: true, localTestInfrastructure: true },
    preset: peopleMerge ? { ...PRESET, who: "people" } : PRESET,
    checkPolicy: { ci: "required", requiredChecks: [] },
    checkPolicyDigest: settings === "policy changed" ? "policy-2" : "policy-1",
    models: new Map(),
    kinds: registries.kinds,
    patience: PATIENCE,
  };
}

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
