import type { PipelineInput } from "@millrace/contracts";
import type { Trouble } from "../index.js";

interface Entry {
  readonly name: string;
  readonly steps: PipelineInput["steps"];
  readonly trouble?: Partial<Trouble>;
}

const one = { approvers: 1 };
const two = { approvers: 2 };
/** Nobody else touches the pull request, and nothing gets lost: for pipelines whose own states are many. */
const calm = { faults: false, outsiders: false };

/** Every step kind, and an approval in every position. */
export const catalogue: readonly Entry[] = [
  { name: "inline", steps: [{ kind: "researcher" }] },
  {
    name: "inline, approvals first and last, two in a row, two approvers",
    steps: [
      { kind: "researcher", approval: one },
      { kind: "documenter", approval: two },
    ],
  },
  { name: "job with approval, then inline", steps: [{ kind: "architect", approval: one }, { kind: "documenter" }] },
  { name: "job and companion with approval", steps: [{ kind: "architect" }, { kind: "architect-companion", approval: one }] },
  {
    name: "change and review, both approved",
    steps: [
      { kind: "coder", approval: one },
      { kind: "reviewer", approval: two },
    ],
  },
  { name: "CI gate, approved, last", steps: [{ kind: "coder" }, { kind: "ci", approval: one }], trouble: { faults: false } },
  { name: "conflicts gate", steps: [{ kind: "coder" }, { kind: "conflicts" }], trouble: { outsiders: false } },
  { name: "merger", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }], trouble: { faults: false } },
  { name: "merger, lossy", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }], trouble: { moves: false } },
  {
    name: "merger with two approvers, then inline",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger", approval: two }, { kind: "documenter" }],
    trouble: calm,
  },
  { name: "both gates and merger", steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }], trouble: calm },
  {
    name: "review between gate and merger",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "reviewer" }, { kind: "merger" }],
    trouble: calm,
  },
];

/** Explored with MILLRACE_EXPLORER=full. */
export const large: readonly Entry[] = [
  { name: "CI gate, approved, all trouble", steps: [{ kind: "coder" }, { kind: "ci", approval: one }] },
  { name: "merger, all trouble", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }] },
  { name: "approved merger, all trouble", steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger", approval: one }] },
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
