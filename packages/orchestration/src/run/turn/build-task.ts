import { answerShape, composeSystemPrompt, composeUserPrompt } from "@millrace/agents";
import type { EffectRequest, JsonValue, OutputRef, Run, Step } from "@millrace/contracts";
import { digestText, MillraceError, type AgentTask, type Store } from "@millrace/kernel";
import { z } from "zod";
import type { DecisionInput } from "../model/decision-input.js";
import { reservation } from "../rules/budget.logic.js";
import type { KeptTexts } from "./kept-texts.js";
import { foldFragments } from "../rules/fragments.logic.js";
import { resolveModel } from "../rules/resolve-model.logic.js";
import { taskFieldsText } from "../rules/task-fields.logic.js";

/** Characters of one earlier output, and of all of them, that go into a prompt. The newest are kept. */
const PRIOR_OUTPUT_CHARS = 20_000;
const PRIOR_OUTPUTS_CHARS = 60_000;
/** Characters of one attachment. */
const ATTACHMENT_CHARS = 60_000;
/** A longer output is left out rather than cut to less than this. */
const MIN_CUT_CHARS = 200;

export interface TaskRequest {
  readonly run: Run;
  readonly index: number;
  readonly step: Step;
  readonly key: string;
  readonly request: Extract<EffectRequest, { do: "ask-agent" | "start-job" }>;
}

/** Everything an agent may know of its step: point reads of the outputs it needs, composed into prompts. */
export async function buildTask(store: Store, texts: KeptTexts, request: TaskRequest, input: DecisionInput): Promise<AgentTask> {
  const { run, step, key } = request;
  const { kind: kindId, briefs } = request.request;
  const participant = request.request.do === "ask-agent" ? (request.request.participant ?? null) : null;
  const kind = input.kinds.get(kindId);
  if (kind === null)
    throw new MillraceError("pipeline_invalid", `agent kind '${kindId}' is not registered`, {
      fix: "register it in composeOrchestration({ agentKinds })",
    });
  const priorOutputs = await readPriorOutputs(texts, run, request.index);
  const previousText =
    step.revision?.previous == null ? "" : ((await store.outputs.get(run.workspaceId, step.revision.previous.key)) ?? "");
  const revision =
    step.revision === null
      ? null
      : { feedback: step.revision.feedback, comments: step.revision.comments, previousText: previousText.slice(0, PRIOR_OUTPUT_CHARS) };
  const described = [await describe(store, input), taskFieldsText(input.block.fields)].filter((text) => text !== "");
  const block = { title: input.block.title, description: described.join("\n\n"), level: input.block.level };
  const attachments = await readAttachments(store, run, request.request);
  const known = {
    block,
    attachments,
    pullRequest: run.pullRequest,
    priorOutputs,
    briefs,
    decisions: run.steps.slice(0, request.index + 1).flatMap((s) => s.decisions),
    revision,
  };
  const shape = answerShape(kind, participant);
  return {
    ...known,
    block: { id: input.block.id, ...block },
    key,
    workspaceId: run.workspaceId,
    runId: run.id,
    step: request.index,
    kind: kindId,
    pipelineName: run.pipeline.name,
    repository: run.repository,
    systemPrompt: composeSystemPrompt(kind, step.definition.instructions, participant, foldFragments(input, kindId).used),
    userPrompt: composeUserPrompt({ ...known, kind, instructions: step.definition.instructions, pipelineName: run.pipeline.name }),
    answerSchema: shape === null ? null : (z.toJSONSchema(shape.schema) as JsonValue),
    model: resolveModel(input, { kind: kindId, request: request.request.do, own: participant?.model ?? null }).model,
    reservationMicros: reservation({ kind: kindId, request: request.request.do }, input),
    testing: input.service?.testing ?? null,
    contract: kind.contract,
  };
}

/** Description for the prompt: the task's final document when it has one, else its description. */
async function describe(store: Store, { block }: DecisionInput): Promise<string> {
  if (block.level !== "task") return [block.description, block.generatedText ?? ""].filter((text) => text !== "").join("\n\n");
  if (block.document === null) return block.description;
  // People changed the description since: the document speaks of another task.
  if (block.document.description !== (await digestText(block.description))) return block.description;
  return (await store.outputs.get(block.workspaceId, block.document.output.key)) ?? block.description;
}

async function readAttachments(store: Store, run: Run, request: TaskRequest["request"]): Promise<{ from: string; text: string }[]> {
  const wanted = request.do === "ask-agent" ? (request.attachments ?? []) : [];
  if (wanted.length === 0) return [];
  const texts = await store.outputs.getMany(
    run.workspaceId,
    wanted.map(({ output }) => output.key),
  );
  return wanted.map(({ from, output }) => ({ from, text: cut(texts.get(output.key) ?? "", ATTACHMENT_CHARS) }));
}

async function readPriorOutputs(kept: KeptTexts, run: Run, index: number): Promise<{ kind: string; text: string }[]> {
  const plans = planOutputs(run, index);
  const texts = await kept.read(
    run.workspaceId,
    plans.map(({ output }) => output),
  );
  return plans.flatMap(({ kind, output, chars }) => {
    const text = cut(texts.get(output.key) ?? "", chars);
    return text === "" ? [] : [{ kind, text }];
  });
}

interface OutputPlan {
  readonly kind: string;
  readonly output: OutputRef;
  /** Characters of it that are shown. */
  readonly chars: number;
}

/** Selects the outputs that fit, newest first, by their sizes, so that only shown outputs are read. */
function planOutputs(run: Run, index: number): readonly OutputPlan[] {
  const plans: OutputPlan[] = [];
  let left = PRIOR_OUTPUTS_CHARS;
  for (const { definition, output } of run.steps.slice(0, index).toReversed()) {
    if (output === null || output.chars === 0) continue;
    const chars = Math.min(left, PRIOR_OUTPUT_CHARS);
    if (output.chars > chars && chars < MIN_CUT_CHARS) continue;
    plans.push({ kind: definition.kind, output, chars });
    left -= Math.min(output.chars, chars);
  }
  return plans.toReversed();
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 60)}\n[cut: ${text.length} characters in all]`;
}
