/** The board around the run, and what a decision reads of it in an environment. */
import { workspaceSettingsSchema, type Block, type MergeRecord } from "@millrace/contracts";
import { modelCatalogueOff } from "@millrace/kernel";
import { emptyBlock, type DecisionInput } from "@millrace/orchestration";
import { NOW, PATIENCE, PRESET, registries, SECRET } from "./engine.logic.js";
import type { Environment } from "./environment.logic.js";

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
    catalogue: modelCatalogueOff,
    fragments: new Map(),
    models: new Map(),
    kinds: registries.kinds,
    patience: PATIENCE,
  };
}
