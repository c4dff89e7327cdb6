import type { AgentKind } from "@millrace/agents";
import { pipelineSchema, type Consensus, type EstimateBar, type Pipeline, type StepDefinition } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { Registries } from "../model/evolve.logic.js";
import { MERGE_PIPELINE_ID } from "./merge-pipeline.logic.js";
import type { DefinedStepKind } from "../model/step-kind.js";

/**
 * The definitions that a run of this pipeline gets: its enabled steps, in order.
 *
 * @throws MillraceError `pipeline_invalid` naming the step and the fix.
 */
export function runnableSteps(pipeline: Pipeline, registries: Registries): StepDefinition[] {
  const steps = pipeline.steps.filter((step) => step.enabled).map(({ enabled: _, ...definition }) => definition);
  if (steps.length === 0) throw invalid(pipeline, "every step is disabled", "enable at least one step");
  steps.forEach((step, index) => checkStep(pipeline, steps, index, registries));
  return steps;
}

/**
 * Reads a pipeline that a person wrote and checks that it can run.
 *
 * @throws MillraceError `pipeline_invalid`.
 */
export function parsePipeline(input: unknown, registries: Registries): Pipeline {
  const parsed = pipelineSchema.safeParse(input);
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join(".") || "pipeline"}: ${issue.message}`);
    throw new MillraceError("pipeline_invalid", `this is no pipeline: ${issues.join("; ")}`, {
      fix: "a pipeline has an id, a name and a list of steps, each with a kind",
    });
  }
  const steps = runnableSteps(parsed.data, registries);
  if (parsed.data.id === MERGE_PIPELINE_ID) checkMerges(parsed.data, steps, registries);
  return parsed.data;
}

/** The pipeline that merges on demand may be replaced by any other that merges. */
function checkMerges(pipeline: Pipeline, steps: readonly StepDefinition[], { kinds, stepKinds }: Registries): void {
  const merges = steps.some(({ kind }) => {
    const known = kinds.get(kind);
    return known !== null && stepKinds.get(known.step).needsEvidence;
  });
  if (!merges) throw invalid(pipeline, "it is what merges a finished task, and has no step that merges", "end it with a merger");
}

function checkStep(pipeline: Pipeline, steps: readonly StepDefinition[], index: number, registries: Registries): void {
  const step = steps[index];
  if (step === undefined) return;
  const { kinds, stepKinds } = registries;
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
  if (kind.helper)
    throw invalid(pipeline, `${name} is a helper that another step sends, not a step`, "remove it: the step that needs it sends it");
  if (step.bar !== null && kind.companionOf.length === 0) throw invalid(pipeline, `${name} has a bar but grades nothing`, "remove the bar");
  const place = { pipeline, name, kind, stepKind: stepKinds.get(kind.step), before: before(steps, index, registries), registries };
  checkPairs(place, step);
  checkDirection(place, step);
  if (step.gating !== null) checkGating(place, step.gating);
  if (step.consensus !== null) checkPanel(place, step.consensus);
  if (kind.companionOf.length > 0) checkCompanion(place);
  if (place.stepKind.needsEvidence) checkEvidence(place);
}

/** A kind of step with the agent kind that it runs. */
interface KnownStep {
  readonly kind: AgentKind;
  readonly stepKind: DefinedStepKind;
}

/** A step of a pipeline under its name for messages, and the steps before it. */
interface Place extends KnownStep {
  readonly pipeline: Pipeline;
  readonly name: string;
  readonly before: readonly KnownStep[];
  readonly registries: Registries;
}

/** The steps before `index`; each was checked before, so its kinds are known. */
function before(steps: readonly StepDefinition[], index: number, { kinds, stepKinds }: Registries): readonly KnownStep[] {
  return steps.slice(0, index).flatMap((step) => {
    const kind = kinds.get(step.kind);
    return kind === null ? [] : [{ kind, stepKind: stepKinds.get(kind.step) }];
  });
}

/** Ids of the agent kinds that may be steps and of which `holds` is true, for the fix of a refusal. */
function kindsThat({ kinds, stepKinds }: Registries, holds: (step: KnownStep) => boolean): string {
  const ids = kinds.list().flatMap((kind) => (!kind.helper && holds({ kind, stepKind: stepKinds.get(kind.step) }) ? [`'${kind.id}'`] : []));
  return ids.join(" or ");
}

/** An option of a step definition that is off at null. */
type Option = "approval" | "bar" | "instructions" | "gating" | "consensus";

/**
 * The pairs of options that may not stand together in one step; every other pair may (docs/states.md). An estimate may add a question
 * to people, never cancel one.
 */
const REFUSED_PAIRS: readonly { readonly options: readonly [Option, Option]; readonly because: string; readonly fix: string }[] = [
  {
    options: ["approval", "gating"],
    because: "a low estimate would leave the step out together with its question to people",
    fix: "remove its gating, or put the approval on the step that it grades",
  },
];

function checkPairs({ pipeline, name }: Place, step: StepDefinition): void {
  const pair = REFUSED_PAIRS.find(({ options }) => options.every((option) => step[option] !== null));
  if (pair !== undefined) throw invalid(pipeline, `${name} has ${pair.options.join(" and ")}: ${pair.because}`, pair.fix);
}

/** An option that a step would ignore is refused: its author relies on it. */
function checkDirection({ pipeline, name, kind, stepKind }: Place, step: StepDefinition): void {
  if (step.instructions !== null && stepKind.dispatches(step, kind).length === 0)
    throw invalid(pipeline, `${name} has instructions but asks no agent`, "remove its instructions");
  if (step.approval !== null && step.approval.approvers > 1 && stepKind.asksByFindings)
    throw invalid(
      pipeline,
      `${name} asks for ${step.approval.approvers} approvals, but one person answers its findings`,
      "ask for them at the step behind it",
    );
}

/** Nothing merges without evidence (I3). */
function checkEvidence({ pipeline, name, before, registries }: Place): void {
  const gives = ({ kind, stepKind }: KnownStep): boolean => stepKind.givesEvidence(kind);
  if (before.some(gives)) return;
  throw invalid(
    pipeline,
    `${name} has no gate before it that gives evidence: nothing merges without evidence`,
    `put a ${kindsThat(registries, gives)} step before it`,
  );
}

/** A panel answers in words: none of its participants has a checkout to change. Participants are told apart by their ids. */
function checkPanel(place: Place, { participants, gating }: Consensus): void {
  const { pipeline, name, kind, stepKind } = place;
  const why = panelRefusal(kind, stepKind);
  if (why !== null) throw invalid(pipeline, `${name} cannot be answered by a panel: ${why}`, "remove consensus");
  const ids = participants.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined)
    throw invalid(pipeline, `${name} has two participants '${twice}'`, "give every participant of a panel an id of its own");
  if (gating !== null) checkBar({ ...place, name: `the panel of ${name}` }, gating);
}

function panelRefusal({ contract, ingest }: AgentKind, { name, asks, mayBePanelled }: DefinedStepKind): string | null {
  if (contract.delivers !== "nothing") return "it writes to the repository";
  if (ingest !== null) return `its answer is taken up by '${ingest}'`;
  if (asks === null) return "it asks no agent";
  return mayBePanelled ? null : `'${name}' steps judge the answer of one agent`;
}

/** Only grading may be left out. */
function checkGating(place: Place, gating: EstimateBar): void {
  const { pipeline, name, kind } = place;
  if (kind.companionOf.length === 0) throw invalid(pipeline, `${name} is gated, and only companions may be left out`, "remove its gating");
  checkBar(place, gating);
}

/** A bar has an axis, and an estimate to be compared with by then. */
function checkBar({ pipeline, name, before, registries }: Place, { minComplexity, minRisk, minImpact }: EstimateBar): void {
  if (minComplexity === null && minRisk === null && minImpact === null)
    throw invalid(pipeline, `${name} is gated by no axis`, "set minComplexity, minRisk or minImpact");
  const estimates = ({ stepKind }: KnownStep): boolean => stepKind.estimates;
  if (!before.some(estimates))
    throw invalid(
      pipeline,
      `${name} is gated by an estimate that no step makes`,
      `put a ${kindsThat(registries, estimates)} step before it`,
    );
}

/** A companion stands behind its producer; only steps that produce nothing to grade may stand between. */
function checkCompanion({ pipeline, name, kind, before }: Place): void {
  const producer = before.findLast(({ stepKind }) => !stepKind.isTransparent);
  if (producer !== undefined && kind.companionOf.includes(producer.kind.id)) return;
  throw invalid(pipeline, `${name} must follow ${kind.companionOf.join(" or ")}`, "put it directly behind, with at most gates between");
}

function invalid(pipeline: Pipeline, message: string, fix: string): MillraceError {
  return new MillraceError("pipeline_invalid", `pipeline '${pipeline.id}': ${message}`, { fix });
}
