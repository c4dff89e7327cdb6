import type { AgentKind, AgentKinds } from "@millrace/agents";
import { pipelineSchema, type Consensus, type Gating, type Pipeline, type StepDefinition } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";

/** The definitions a run of this pipeline gets: enabled steps, in order. @throws MillraceError `pipeline_invalid` naming the step and the fix. */
export function runnableSteps(pipeline: Pipeline, kinds: AgentKinds): StepDefinition[] {
  const steps = pipeline.steps.filter((step) => step.enabled).map(({ enabled: _, ...definition }) => definition);
  if (steps.length === 0) throw invalid(pipeline, "every step is disabled", "enable at least one step");
  steps.forEach((step, index) => checkStep(pipeline, steps, index, kinds));
  return steps;
}

/** Reads a pipeline that a person wrote and checks that it can run. @throws MillraceError `pipeline_invalid`. */
export function parsePipeline(input: unknown, kinds: AgentKinds): Pipeline {
  const parsed = pipelineSchema.safeParse(input);
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join(".") || "pipeline"}: ${issue.message}`);
    throw new MillraceError("pipeline_invalid", `this is no pipeline: ${issues.join("; ")}`, {
      fix: "a pipeline has an id, a name and a list of steps, each with a kind",
    });
  }
  runnableSteps(parsed.data, kinds);
  return parsed.data;
}

function checkStep(pipeline: Pipeline, steps: readonly StepDefinition[], index: number, kinds: AgentKinds): void {
  const step = steps[index];
  if (step === undefined) return;
  const kind = kinds.get(step.kind);
  const name = `step ${index + 1} (${step.kind})`;
  if (kind === null)
    throw invalid(
      pipeline,
      `${name}: unknown agent kind`,
      `known kinds: ${kinds
        .list()
        .filter((k) => !k.helper)
        .map((k) => k.id)
        .join(", ")}`,
    );
  if (kind.helper) throw invalid(pipeline, `${name} is a helper that a gate sends, not a step`, "remove it: the gate brings it along");
  if (step.bar !== null && kind.companionOf.length === 0) throw invalid(pipeline, `${name} has a bar but grades nothing`, "remove the bar");
  const place = { pipeline, name, kind, before: steps.slice(0, index) };
  if (step.gating !== null) checkGating(place, step.gating);
  if (step.consensus !== null) checkPanel(place, step.consensus);
  if (kind.companionOf.length > 0) checkCompanion(pipeline, steps, index, kind.companionOf, kinds);
  if (kind.step === "merger" && !steps.slice(0, index).some((before) => before.kind === "ci"))
    throw invalid(pipeline, `${name} has no CI gate before it: nothing merges without evidence`, "put a 'ci' step before it");
}

/** A step of a pipeline, as it is told in a refusal, and the steps before it. */
interface Place {
  readonly pipeline: Pipeline;
  readonly name: string;
  readonly kind: AgentKind;
  readonly before: readonly StepDefinition[];
}

/** A panel answers in words: nobody of it has a checkout to change. Its voices are told apart by their ids. */
function checkPanel({ pipeline, name, kind }: Place, { participants }: Consensus): void {
  const asksAgents = ["inline", "job", "companion", "estimator"].includes(kind.step) && kind.ingest === null;
  if (kind.contract.delivers !== "nothing" || !asksAgents)
    throw invalid(
      pipeline,
      `${name} cannot be answered by a panel: it ${kind.contract.delivers === "nothing" ? "asks no agent" : "writes to the repository"}`,
      "remove consensus",
    );
  const ids = participants.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined)
    throw invalid(pipeline, `${name} has two participants '${twice}'`, "give every participant of a panel an id of its own");
}

/** Only grading may be left out, and only by an estimate that exists by then. */
function checkGating({ pipeline, name, kind, before }: Place, { minComplexity, minRisk, minImpact }: Gating): void {
  if (kind.companionOf.length === 0) throw invalid(pipeline, `${name} is gated, and only companions may be left out`, "remove its gating");
  if (minComplexity === null && minRisk === null && minImpact === null)
    throw invalid(pipeline, `${name} is gated by no axis`, "set minComplexity, minRisk or minImpact");
  if (!before.some((earlier) => earlier.kind === "task-estimator"))
    throw invalid(pipeline, `${name} is gated by an estimate that nobody makes`, "put a 'task-estimator' step before it");
}

/** A companion stands behind its producer; only gates, which produce nothing to grade, may stand between. */
function checkCompanion(
  pipeline: Pipeline,
  steps: readonly StepDefinition[],
  index: number,
  targets: readonly string[],
  kinds: AgentKinds,
): void {
  let before = index - 1;
  while (before >= 0 && kinds.get(steps[before]?.kind ?? "")?.step === "gate") before -= 1;
  const producer = steps[before]?.kind;
  if (producer === undefined || !targets.includes(producer))
    throw invalid(
      pipeline,
      `step ${index + 1} (${steps[index]?.kind}) must follow ${targets.join(" or ")}`,
      "put it directly behind, with at most gates between",
    );
}

function invalid(pipeline: Pipeline, message: string, fix: string): MillraceError {
  return new MillraceError("pipeline_invalid", `pipeline '${pipeline.id}': ${message}`, { fix });
}
