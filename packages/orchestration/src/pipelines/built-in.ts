import { pipelineSchema, type Pipeline, type PipelineInput } from "@millrace/contracts";

const inputs: readonly PipelineInput[] = [
  { id: "pl_simple", name: "Simple", steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }] },
  {
    id: "pl_reviewed",
    name: "Reviewed",
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "reviewer" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }],
  },
  {
    id: "pl_designed",
    name: "Designed",
    steps: [
      { kind: "architect", approval: { approvers: 1 } },
      { kind: "coder" },
      { kind: "ci" },
      { kind: "reviewer" },
      { kind: "conflicts" },
      { kind: "ci" },
      { kind: "merger" },
    ],
  },
];

/** The pipelines every new workspace gets. CI stands directly before the merger, so that a moved base re-checks without a new review. */
export const builtInPipelines: readonly Pipeline[] = inputs.map((input) => pipelineSchema.parse(input));
