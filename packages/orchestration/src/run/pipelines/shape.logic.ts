/**
 * The shape rules of pipelines, one list for saving, cloning, importing, validating, starting and checking what is registered. Every
 * issue of every step is found, so that one look tells everything there is to correct.
 */
import type { AgentKind } from "@millrace/agents";
import { pipelineSchema, type EstimateBar, type Pipeline, type PipelineIssue, type StepDefinition } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { z } from "zod";
import type { Registries } from "../model/evolve.logic.js";
import type { DefinedStepKind, StepService } from "../model/step-kind.js";
import { MERGE_PIPELINE_ID } from "./merge-pipeline.logic.js";

/**
 * The definitions that a run of this pipeline gets: its enabled steps, in order.
 *
 * @throws MillraceError `pipeline_invalid` naming every issue with its step and the fix.
 */
export function runnableSteps(pipeline: Pipeline, registries: Registries): StepDefinition[] {
  refuse(`pipeline '${pipeline.id}'`, stepIssues(pipeline, registries));
  return enabledSteps(pipeline).map(({ definition }) => definition);
}

/**
 * Reads a pipeline that a person wrote and checks that it can run. `off`: the services that this host does not have; a step that has no
 * effect without one is refused. Default: none is looked at, as for a pipeline that is stored already.
 *
 * @throws MillraceError `pipeline_invalid` with every issue in `details.issues`.
 */
export function parsePipeline(input: unknown, registries: Registries, off: readonly StepService[] = []): Pipeline {
  const parsed = pipelineSchema.safeParse(input);
  if (!parsed.success) throw invalidPipeline("this is no pipeline", schemaIssues(parsed.error));
  refuse(`pipeline '${parsed.data.id}'`, pipelineIssues(parsed.data, registries, off));
  return parsed.data;
}

/** Everything that keeps a pipeline from being saved on this host; empty when nothing does. */
export function pipelineIssues(
  pipeline: Pick<Pipeline, "id" | "steps">,
  registries: Registries,
  off: readonly StepService[],
): readonly PipelineIssue[] {
  return [...stepIssues(pipeline, registries), ...mergeIssues(pipeline, registries), ...serviceIssues(pipeline, registries, off)];
}

/** Places where something is no pipeline at all; steps are counted from 1. */
export function schemaIssues(error: z.ZodError): readonly PipelineIssue[] {
  return error.issues.map(({ path, message }) => ({
    step: path[0] === "steps" && typeof path[1] === "number" ? path[1] + 1 : null,
    kind: null,
    message: `${path.join(".") || "pipeline"}: ${message}`,
    fix: "a pipeline has an id, a name and a list of steps, each with a kind",
  }));
}

/**
 * Refuses with every issue, if there is one.
 * @throws MillraceError `pipeline_invalid`.
 */
export function refuse(what: string, issues: readonly PipelineIssue[]): void {
  if (issues.length > 0) throw invalidPipeline(what, issues);
}

/** Issues that the message names; all of them are in the details. */
const MAX_NAMED = 5;

/** `pipeline_invalid` with these issues. */
export function invalidPipeline(what: string, issues: readonly PipelineIssue[]): MillraceError {
  const named = issues.slice(0, MAX_NAMED);
  return new MillraceError("pipeline_invalid", `${what}: ${named.map(({ message }) => message).join("; ")}`, {
    fix: [...new Set(named.map(({ fix }) => fix))].join("; "),
    details: { issues: issues.map(({ line, ...issue }) => (line === undefined ? issue : { ...issue, line })) },
  });
}

/** An enabled step, and its place in the pipeline, from 1. */
interface EnabledStep {
  readonly position: number;
  readonly definition: StepDefinition;
}

function enabledSteps({ steps }: Pick<Pipeline, "steps">): readonly EnabledStep[] {
  return steps.flatMap(({ enabled, ...definition }, index) => (enabled ? [{ position: index + 1, definition }] : []));
}

function stepIssues(pipeline: Pick<Pipeline, "steps">, registries: Registries): readonly PipelineIssue[] {
  const steps = enabledSteps(pipeline);
  if (steps.length === 0) return [{ step: null, kind: null, message: "every step is disabled", fix: "enable at least one step" }];
  const before: KnownStep[] = [];
  return steps.flatMap(({ position, definition }) => {
    const name = `step ${position} (${definition.kind})`;
    const known = knownStep(definition, registries);
    const issues =
      "fix" in known
        ? [{ ...known, message: `${name}${known.message}` }]
        : RULES.flatMap((rule) => rule({ ...known, name, step: definition, before: [...before], registries }));
    if (!("fix" in known)) before.push(known);
    return issues.map((issue) => ({ step: position, kind: definition.kind, ...issue }));
  });
}

/** What is wrong with a step, and what to do about it. */
type Issue = Pick<PipelineIssue, "message" | "fix">;

function knownStep({ kind: id }: StepDefinition, { kinds, stepKinds }: Registries): KnownStep | Issue {
  const kind = kinds.get(id);
  if (kind === null) {
    const known = kinds.list().filter(({ helper }) => !helper);
    return { message: ": unknown agent kind", fix: `known kinds: ${known.map((each) => each.id).join(", ")}` };
  }
  if (kind.helper)
    return { message: " is a helper that another step sends, not a step", fix: "remove it: the step that needs it sends it" };
  return { kind, stepKind: stepKinds.get(kind.step) };
}

/** The pipeline that merges on demand may be replaced by any other that merges. */
function mergeIssues({ id, steps }: Pick<Pipeline, "id" | "steps">, { kinds, stepKinds }: Registries): readonly PipelineIssue[] {
  if (id !== MERGE_PIPELINE_ID) return [];
  const merges = enabledSteps({ steps }).some(({ definition }) => {
    const known = kinds.get(definition.kind);
    return known !== null && stepKinds.get(known.step).needsEvidence;
  });
  const message = "it is what merges a finished task, and has no step that merges";
  return merges ? [] : [{ step: null, kind: null, message, fix: "end it with a merger" }];
}

/** The services by what people call them. */
const SERVICES: Readonly<Record<StepService, string>> = {
  environments: "an environment provider",
  tracker: "an issue tracker",
  releases: "monitoring",
};

/** A step without effect is worse than none: people rely on it (F:A14). */
function serviceIssues(
  pipeline: Pick<Pipeline, "steps">,
  { kinds, stepKinds }: Registries,
  off: readonly StepService[],
): readonly PipelineIssue[] {
  return enabledSteps(pipeline).flatMap(({ position, definition }) => {
    const kind = kinds.get(definition.kind);
    const service = kind === null ? null : stepKinds.get(kind.step).needsService;
    if (service === null || !off.includes(service)) return [];
    const message = `step ${position} (${definition.kind}) needs ${SERVICES[service]}, and this host has none`;
    return [{ step: position, kind: definition.kind, message, fix: `connect ${SERVICES[service]}, or disable the step` }];
  });
}

/** A kind of step with the agent kind that it runs. */
interface KnownStep {
  readonly kind: AgentKind;
  readonly stepKind: DefinedStepKind;
}

/** A step of a pipeline under its name for messages, and the known steps before it. */
interface Place extends KnownStep {
  readonly name: string;
  readonly step: StepDefinition;
  readonly before: readonly KnownStep[];
  readonly registries: Registries;
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

/** The rules of a step, in the order in which their issues are told. */
const RULES: readonly ((place: Place) => readonly Issue[])[] = [
  /** Only what grades has a bar. */
  ({ name, kind, step }) =>
    step.bar !== null && kind.companionOf.length === 0 ? [{ message: `${name} has a bar but grades nothing`, fix: "remove the bar" }] : [],
  ({ name, step }) =>
    REFUSED_PAIRS.filter(({ options }) => options.every((option) => step[option] !== null)).map(({ options, because, fix }) => ({
      message: `${name} has ${options.join(" and ")}: ${because}`,
      fix,
    })),
  /** An option that a step would ignore is refused: its author relies on it. */
  ({ name, kind, stepKind, step }) =>
    step.instructions !== null && stepKind.dispatches(step, kind).length === 0
      ? [{ message: `${name} has instructions but asks no agent`, fix: "remove its instructions" }]
      : [],
  ({ name, stepKind, step: { approval } }) =>
    approval !== null && approval.approvers > 1 && stepKind.asksByFindings
      ? [
          {
            message: `${name} asks for ${approval.approvers} approvals, but one person answers its findings`,
            fix: "ask for them at the step behind it",
          },
        ]
      : [],
  gatingIssues,
  panelIssues,
  companionIssues,
  evidenceIssues,
];

/** Only grading may be left out. */
function gatingIssues(place: Place): readonly Issue[] {
  const { name, kind, step } = place;
  if (step.gating === null) return [];
  if (kind.companionOf.length > 0) return barIssues(place, name, step.gating);
  return [{ message: `${name} is gated, and only companions may be left out`, fix: "remove its gating" }];
}

/** A panel answers in words: none of its participants has a checkout to change. Participants are told apart by their ids. */
function panelIssues(place: Place): readonly Issue[] {
  const { name, kind, stepKind, step } = place;
  if (step.consensus === null) return [];
  const why = panelRefusal(kind, stepKind);
  if (why !== null) return [{ message: `${name} cannot be answered by a panel: ${why}`, fix: "remove consensus" }];
  const { participants, gating } = step.consensus;
  const ids = participants.map(({ id }) => id);
  const twice = new Set(ids.filter((id, at) => ids.indexOf(id) !== at));
  return [
    ...[...twice].map((id) => ({
      message: `${name} has two participants '${id}'`,
      fix: "give every participant of a panel an id of its own",
    })),
    ...(gating === null ? [] : barIssues(place, `the panel of ${name}`, gating)),
  ];
}

function panelRefusal({ contract, ingest }: AgentKind, { name, asks, mayBePanelled }: DefinedStepKind): string | null {
  if (contract.delivers !== "nothing") return "it writes to the repository";
  if (ingest !== null) return `its answer is taken up by '${ingest}'`;
  if (asks === null) return "it asks no agent";
  return mayBePanelled ? null : `'${name}' steps judge the answer of one agent`;
}

/** A bar has an axis, and an estimate to be compared with by then. */
function barIssues({ before, registries }: Place, name: string, { minComplexity, minRisk, minImpact }: EstimateBar): readonly Issue[] {
  if (minComplexity === null && minRisk === null && minImpact === null)
    return [{ message: `${name} is gated by no axis`, fix: "set minComplexity, minRisk or minImpact" }];
  const estimates = ({ stepKind }: KnownStep): boolean => stepKind.estimates;
  if (before.some(estimates)) return [];
  return [
    { message: `${name} is gated by an estimate that no step makes`, fix: `put a ${kindsThat(registries, estimates)} step before it` },
  ];
}

/** A companion stands behind its producer; only steps that produce nothing to grade may stand between. */
function companionIssues({ name, kind, before }: Place): readonly Issue[] {
  if (kind.companionOf.length === 0) return [];
  const producer = before.findLast(({ stepKind }) => !stepKind.isTransparent);
  if (producer !== undefined && kind.companionOf.includes(producer.kind.id)) return [];
  return [{ message: `${name} must follow ${kind.companionOf.join(" or ")}`, fix: "put it directly behind, with at most gates between" }];
}

/** Nothing merges without evidence (I3). */
function evidenceIssues({ name, stepKind, before, registries }: Place): readonly Issue[] {
  const gives = (known: KnownStep): boolean => known.stepKind.givesEvidence(known.kind);
  if (!stepKind.needsEvidence || before.some(gives)) return [];
  return [
    {
      message: `${name} has no gate before it that gives evidence: nothing merges without evidence`,
      fix: `put a ${kindsThat(registries, gives)} step before it`,
    },
  ];
}
