import type { PipelineInput } from "@millrace/contracts";
import type { Trouble } from "./world.logic.js";

/** A pipeline to explore, and the trouble it is explored in. A new step kind is one entry here, and what its agent and effects may say in `answers.logic.ts`. */
export interface ExplorerPipeline {
  readonly name: string;
  readonly steps: PipelineInput["steps"];
  /** Default: all of it but the budget. */
  readonly trouble?: Partial<Trouble>;
  /** Explored on request: too many states for every run of the tests. */
  readonly isLarge?: true;
}

const one = { approvers: 1 };
const two = { approvers: 2 };
/** Nobody else touches the pull request, and nothing gets lost: for pipelines whose own states are many. */
const calm = { faults: false, outsiders: false };
/** And the base stays where it is. */
const still = { ...calm, moves: false };

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
    trouble: { budget: true },
  },
  { name: "change and gate under a budget", steps: [{ kind: "coder" }, { kind: "ci" }], trouble: { ...still, budget: true } },
  {
    name: "panel under a budget",
    steps: [{ kind: "researcher", consensus: { strategy: "panel", participants: panel } }],
    trouble: { budget: true },
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
  { name: "CI gate, approved, last", steps: [{ kind: "coder" }, { kind: "ci", approval: one }], trouble: { faults: false } },
  { name: "conflicts gate", steps: [{ kind: "coder" }, { kind: "conflicts" }], trouble: calm },
  { name: "merger", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }], trouble: { faults: false } },
  { name: "merger, lossy", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }], trouble: { moves: false } },
  {
    name: "merger with two approvers, then inline",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger", approval: two }, { kind: "documenter" }],
    trouble: calm,
  },
  { name: "both gates and merger", steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }], trouble: still },
  {
    name: "review between gate and merger",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "reviewer" }, { kind: "merger" }],
    trouble: still,
  },
  {
    name: "estimate, companion left out or not",
    steps: [{ kind: "task-estimator" }, { kind: "architect" }, { kind: "architect-companion", gating: { minRisk: 0.5 } }],
  },
  {
    name: "requirements review, its approval ignored, then inline",
    steps: [{ kind: "requirements-review", approval: one }, { kind: "researcher" }],
  },
  { name: "tester and fixer", steps: [{ kind: "coder" }, { kind: "tester" }], trouble: { outsiders: false } },
  { name: "tester with approval and nothing to repair", steps: [{ kind: "tester", approval: one }] },
  { name: "specification and its companion", steps: [{ kind: "spec-writer" }, { kind: "spec-companion" }], trouble: { moves: false } },
  {
    name: "map, ticket and environment",
    steps: [{ kind: "blueprints" }, { kind: "tracker", approval: one }, { kind: "deployer", approval: one }],
  },
  { name: "a panel", steps: [{ kind: "researcher", approval: one, consensus: { strategy: "panel", participants: panel } }] },
  {
    name: "a debate of graders",
    steps: [{ kind: "architect" }, { kind: "architect-companion", consensus: { strategy: "debate", participants: panel } }],
    trouble: calm,
  },
  { name: "a vote", steps: [{ kind: "researcher", consensus: { strategy: "voting", participants: panel } }] },
  {
    name: "merger, then the watch",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }, { kind: "post-release-health" }],
    trouble: calm,
  },
];

const large: readonly ExplorerPipeline[] = [
  { name: "conflicts gate, all trouble", steps: [{ kind: "coder" }, { kind: "conflicts" }] },
  { name: "CI gate, approved, all trouble", steps: [{ kind: "coder" }, { kind: "ci", approval: one }] },
  { name: "merger, all trouble", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }] },
  { name: "approved merger, all trouble", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger", approval: one }] },
  {
    name: "review between gate and merger, moving",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "reviewer" }, { kind: "merger" }],
    trouble: calm,
  },
  {
    name: "both gates and merger, moving",
    steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }],
    trouble: calm,
  },
  {
    name: "both gates and merger, outsiders",
    steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }],
    trouble: { faults: false },
  },
  {
    name: "reviewed change through both gates",
    steps: [{ kind: "coder" }, { kind: "reviewer" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger", approval: one }],
    trouble: calm,
  },
];

/** Every step kind, and an approval in every position. */
export const explorerCatalogue: readonly ExplorerPipeline[] = [...small, ...large.map((entry) => ({ ...entry, isLarge: true as const }))];
