import { pipelineSchema, type Pipeline, type PipelineInput } from "@millrace/contracts";
import type { z } from "zod";
import { MERGE_PIPELINE_ID } from "./merge-pipeline.logic.js";

type StepInput = z.input<typeof pipelineSchema>["steps"][number];

/** `architect*` asks a person to approve. */
function steps(line: string): StepInput[] {
  return line.split(" ").map((word) => (word.endsWith("*") ? { kind: word.slice(0, -1), approval: { approvers: 1 } } : { kind: word }));
}

const DELIVER = "conflicts ci merger";

const inputs: readonly PipelineInput[] = [
  { id: "pl_minimal", name: "Minimal", steps: steps(`coder ${DELIVER}`) },
  // Gates before the review as well, so that people and reviewers read only changes that build on their base.
  { id: "pl_reviewed", name: "Reviewed", steps: steps(`coder conflicts ci reviewer ${DELIVER}`) },
  { id: "pl_designed", name: "Designed", steps: steps(`architect* coder conflicts ci reviewer ${DELIVER}`) },
  {
    id: "pl_full",
    name: "Full build",
    steps: steps(
      `requirements-review* spec-writer spec-companion architect* researcher coder reviewer blueprints mocker tester ${DELIVER}`,
    ),
  },
  {
    id: "pl_fullstack",
    name: "Complex fullstack feature",
    steps: steps(
      "requirements-review* researcher spec-writer spec-companion architect architect-companion* mocker coder reviewer blueprints " +
        `business-documenter tester playwright documenter ${DELIVER}`,
    ),
  },
  {
    id: "pl_bugfix",
    name: "Triage and fix a bug",
    steps: steps(`bug-investigator clarity-review* spec-writer architect coder reviewer ${DELIVER}`),
  },
  { id: "pl_quick", name: "Quick implementation", steps: steps(`coder blueprints mocker tester ${DELIVER}`) },
  { id: "pl_simple", name: "Simple", steps: steps(`coder reviewer mocker tester ${DELIVER}`) },
  { id: "pl_integrate", name: "Integrate and ship", steps: steps("integrator mocker tester documenter") },
  { id: "pl_dep_update", name: "Dependency updates", steps: steps(`coder reviewer blueprints mocker tester ${DELIVER}`) },
  { id: "pl_tech_debt", name: "Tech debt", steps: steps(`analysis tracker coder reviewer blueprints mocker tester ${DELIVER}`) },
  { id: "pl_blueprint", name: "Map a service", steps: steps("blueprints") },
  { id: "pl_spec", name: "Write a specification", steps: steps("spec-writer") },
  // Started by a person, to have a task reviewed before any pipeline builds it.
  { id: "pl_requirements", name: "Review the requirements", steps: steps("requirements-review") },
  { id: "pl_clarity", name: "Review a bug report", steps: steps("bug-investigator clarity-review") },
  // Started by a person, to merge a finished task: the gates once more, then an approval of exactly what lands.
  { id: MERGE_PIPELINE_ID, name: "Merge on demand", steps: steps("conflicts ci merger*") },
];

/**
 * The pipelines of every workspace. They are served from here, so that a board has those of the version that opens it; a workspace
 * clones one to change it. CI stands directly before the merger, so that a
 * moved base re-checks without a new review.
 */
export const builtInPipelines: readonly Pipeline[] = inputs.map((input) => pipelineSchema.parse(input));
