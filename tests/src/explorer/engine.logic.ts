import { workspaceSettingsSchema, type Block, type RepositoryRef, type Run, type StepDefinition } from "@millrace/contracts";
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
  toRecord,
  type DecisionInput,
  type Registries,
} from "@millrace/orchestration";

/** The functions under exploration. Replace one to see whether the invariants notice. */
export interface ExploredEngine {
  readonly decide: typeof decide;
  readonly evolve: typeof evolve;
  readonly due: typeof due;
  readonly consequences: typeof consequences;
  readonly holdDecision: typeof holdDecision;
  readonly toRecord: typeof toRecord;
}

export const realEngine: ExploredEngine = { decide, evolve, due, consequences, holdDecision, toRecord };

export const registries: Registries = createRegistries();

/** Time stands still: only "patience ran out" is later, and after that a run is finished. */
export const NOW = 1_000_000;
export const PATIENCE = DEFAULT_PATIENCE;

/** Free text of the board, into which somebody pasted a key: no run and no error needs it. */
export const SECRET = "sk-live-0123456789";

/** What the preset allows in every explored world. */
export const PRESET = {
  id: "preset",
  workspaceId: "ws",
  name: "small",
  maxComplexity: 0.5,
  maxRisk: 0.5,
  maxImpact: 0.5,
  ciMaxAttempts: 1,
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

/** The facts of a decision, under the n-th settings of the checks. */
export function inputUnder(settings: number): DecisionInput {
  return {
    block: { ...block, moduleName: "module" },
    service,
    settings: workspaceSettingsSchema.parse({}),
    capabilities: { environments: true, tracker: true, releases: true, localTestInfrastructure: true },
    preset: PRESET,
    checkPolicy: { ci: "required", requiredChecks: [] },
    checkPolicyDigest: `settings-${settings}`,
    models: new Map(),
    kinds: registries.kinds,
    patience: PATIENCE,
  };
}

/** A run of these steps that nobody has started yet. */
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
