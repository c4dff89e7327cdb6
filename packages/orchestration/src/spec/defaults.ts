/** The run and the decision inputs that a specification starts from; what a test says is put over them. */
import {
  checkPolicySchema,
  runSchema,
  stepDefinitionSchema,
  workspaceSettingsSchema,
  type Actor,
  type Block,
  type MergePreset,
  type Run,
  type StepDefinition,
} from "@millrace/contracts";
import { modelCatalogueOff } from "@millrace/kernel";
import type { z } from "zod";
import { emptyBlock } from "../platform/empty-block.js";
import { DEFAULT_PATIENCE, type DecisionInput } from "../run/model/decision-input.js";
import { freshStep, type Registries } from "../run/model/evolve.logic.js";
import { createRegistries } from "../steps/registry.js";

/** The acting user of commands that a person gives. */
export const testUser: Actor = { type: "human", id: "ada" };

export const builtInRegistries: Registries = createRegistries();

export const taskBlock: Block = emptyBlock({
  id: "blk_1",
  workspaceId: "ws_1",
  level: "task",
  parentId: "blk_0",
  title: "a task",
  createdAt: 1,
});

export const balancedPreset: MergePreset = {
  id: "pre_1",
  workspaceId: "ws_1",
  name: "Balanced",
  who: "automatic",
  maxComplexity: 0.5,
  maxRisk: 0.4,
  maxImpact: 0.5,
  ciMaxAttempts: 2,
  maxReworks: 3,
  maxReviewIterations: 2,
  toleratedConcern: "none",
  releaseWatchMinutes: 30,
  releaseMaxAttempts: 1,
};

export function decisionInput(patch: Partial<DecisionInput> = {}): DecisionInput {
  return {
    block: taskBlock,
    service: null,
    settings: workspaceSettingsSchema.parse({}),
    capabilities: { environments: false, tracker: false, releases: false, localTestInfrastructure: true },
    preset: balancedPreset,
    checkPolicy: checkPolicySchema.parse({}),
    checkPolicyDigest: "policy-1",
    models: new Map(),
    catalogue: modelCatalogueOff,
    fragments: new Map(),
    kinds: builtInRegistries.kinds,
    patience: DEFAULT_PATIENCE,
    ...patch,
  };
}

/** A step of a pipeline as its author writes it; a string is a step of that agent kind. */
export type SpecStep = z.input<typeof stepDefinitionSchema> | string;

export function stepDefinition(step: SpecStep): StepDefinition {
  return stepDefinitionSchema.parse(typeof step === "string" ? { kind: step } : step);
}

/** A run that has not entered its first step. Started at 1,000 ms. */
export function newRun(steps: readonly SpecStep[], patch: Partial<Run> = {}, registries: Registries = builtInRegistries): Run {
  return runSchema.parse({
    id: "run_1",
    workspaceId: "ws_1",
    blockId: "blk_1",
    pipeline: { id: "pl_1", name: "Test", digest: "digest" },
    flags: [],
    initiatedBy: testUser,
    supersedes: null,
    repository: { forge: "memory", id: "sample", base: "main" },
    pullRequest: null,
    merged: null,
    estimate: null,
    startedAt: 1000,
    finishedAt: null,
    steps: steps.map((step) => freshStep(stepDefinition(step), registries)),
    cursor: 0,
    phase: { is: "live" },
    revision: 1,
    ...patch,
  } satisfies Run);
}
