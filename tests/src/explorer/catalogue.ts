import type { PipelineInput } from "@millrace/contracts";
import type { FaultSet } from "./environment.logic.js";

/** A pipeline to explore, and the trouble it is explored in. A new step kind is one entry here; what its agent and effects may say are their samples. */
export interface ExplorerPipeline {
  readonly name: string;
  readonly steps: PipelineInput["steps"];
  /** Default: all but the budget. */
  readonly faults?: Partial<FaultSet>;
  /** Has too many states for every run of the tests. Explored on request. */
  readonly isLarge?: true;
}

const one = { approvers: 1 };
const two = { approvers: 2 };
/** No lost effects and no changes of the pull request by others: for pipelines that have many states of their own. */
const quiet = { failures: false, outsiders: false };
/** As `quiet`, and neither the base nor the branch moves. */
const frozenBase = { ...quiet, moves: false };

const panel = [
  { id: "a", role: "careful" },
  { id: "b", role: "bold" },
];

const small: readonly ExplorerPipeline[] = [
  { name: "inline", steps: [{ kind: "researcher" }] },
  {
    name: "inline, approvals first and last, two in a row, two approvers",
    steps: [
      { kind: "researcher", approval: one },
      { kind: "documenter", approval: two },
    ],
  },
  {
    name: "inline under a budget",
    steps: [{ kind: "researcher" }, { kind: "documenter", approval: one }],
    faults: { budget: true },
  },
  { name: "change and gate under a budget", steps: [{ kind: "coder" }, { kind: "ci" }], faults: { ...frozenBase, budget: true } },
  {
    name: "panel under a budget",
    steps: [{ kind: "researcher", consensus: { strategy: "panel", participants: panel } }],
    faults: { budget: true },
  },
  { name: "job with approval, then inline", steps: [{ kind: "architect", approval: one }, { kind: "documenter" }] },
  {
    name: "job and companion with approval",
    steps: [{ kind: "architect" }, { kind: "architect-companion", approval: one }],
  },
  {
    name: "change and review, both approved",
    steps: [
      { kind: "coder", approval: one },
      { kind: "reviewer", approval: two },
    ],
  },
  { name: "CI gate, approved, last", steps: [{ kind: "coder" }, { kind: "ci", approval: one }], faults: { failures: false } },
  { name: "conflicts gate", steps: [{ kind: "coder" }, { kind: "conflicts" }], faults: quiet },
  { name: "merger", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }], faults: { failures: false } },
  { name: "merger, lossy", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }], faults: { moves: false } },
  {
    name: "merger with two approvers, then inline",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger", approval: two }, { kind: "documenter" }],
    faults: quiet,
  },
  {
    name: "both gates and merger",
    steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }],
    faults: frozenBase,
  },
  {
    name: "review between gate and merger",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "reviewer" }, { kind: "merger" }],
    faults: frozenBase,
  },
  {
    name: "estimate, companion left out or not",
    steps: [{ kind: "task-estimator" }, { kind: "architect" }, { kind: "architect-companion", gating: { minRisk: 0.5 } }],
  },
  {
    name: "requirements review, its approval ignored, then inline",
    steps: [{ kind: "requirements-review", approval: one }, { kind: "researcher" }],
  },
  { name: "tester and fixer", steps: [{ kind: "coder" }, { kind: "tester" }], faults: { outsiders: false } },
  { name: "tester with approval and nothing to repair", steps: [{ kind: "tester", approval: one }] },
  { name: "specification and its companion", steps: [{ kind: "spec-writer" }, { kind: "spec-companion" }], faults: { moves: false } },
  {
    name: "map, ticket and environment",
    steps: [{ kind: "blueprints" }, { kind: "tracker", approval: one }, { kind: "deployer", approval: one }],
  },
  { name: "a panel", steps: [{ kind: "researcher", approval: one, consensus: { strategy: "panel", participants: panel } }] },
  {
    name: "a debate of graders",
    steps: [{ kind: "architect" }, { kind: "architect-companion", consensus: { strategy: "debate", participants: panel } }],
    faults: quiet,
  },
  { name: "a vote", steps: [{ kind: "researcher", consensus: { strategy: "voting", participants: panel } }] },
  {
    name: "merger, then the watch",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }, { kind: "post-release-health" }],
    faults: quiet,
  },
];

const large: readonly ExplorerPipeline[] = [
  { name: "conflicts gate, all faults", steps: [{ kind: "coder" }, { kind: "conflicts" }] },
  { name: "CI gate, approved, all faults", steps: [{ kind: "coder" }, { kind: "ci", approval: one }] },
  { name: "merger, all faults", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }] },
  { name: "approved merger, all faults", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger", approval: one }] },
  {
    name: "review between gate and merger, moving",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "reviewer" }, { kind: "merger" }],
    faults: quiet,
  },
  {
    name: "both gates and merger, moving",
    steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }],
    faults: quiet,
  },
  {
    name: "both gates and merger, outsiders",
    steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }],
    faults: { failures: false },
  },
  {
    name: "reviewed change through both gates",
    steps: [{ kind: "coder" }, { kind: "reviewer" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger", approval: one }],
    faults: quiet,
  },
];

/** Pipelines that cover every step kind, and an approval in every position. */
export const explorerCatalogue: readonly ExplorerPipeline[] = [...small, ...large.map((entry) => ({ ...entry, isLarge: true as const }))];
