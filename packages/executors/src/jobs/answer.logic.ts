import { z } from "zod";
import { extractJson } from "@millrace/agents";
import type { WorkObservation } from "@millrace/contracts";
import type { AgentAnswer, AgentQuestion } from "@millrace/kernel";
import type { ExitFile, SessionModel } from "./job-files.schema.js";

const questionSchema = z.object({
  millrace: z.literal("question"),
  question: z.string().min(1).max(4000),
  options: z.array(z.string().min(1).max(500)).max(20).default([]),
});

/** Any JSON answer may have a confidence, whatever its schema. */
const confidenceSchema = z.looseObject({ confidence: z.number().min(0).max(1) });

/** The answer in the last message of an agent. Only a JSON object marked `"millrace": "question"` is a question; prose never is. */
export function answerOf(exit: Pick<ExitFile, "text" | "usage">, structured: boolean, model: string): AgentAnswer {
  const json = extractJson(exit.text);
  const question = readQuestion(json);
  const confidence = confidenceSchema.safeParse(json).data?.confidence ?? null;
  return { text: exit.text, product: structured && question === null ? json : null, question, model, usage: exit.usage, confidence };
}

function readQuestion(json: unknown): AgentQuestion | null {
  const parsed = questionSchema.safeParse(json);
  return parsed.success ? { question: parsed.data.question, options: parsed.data.options } : null;
}

/**
 * The recorded model of a job: `agent:opencode`, `agent:opencode on openai/gpt-5`, or, when the agent could not be put on the model the
 * task is pinned to, `agent:opencode (not on openai/gpt-5: <reason>)`.
 */
export function modelLabel(agent: string, model: SessionModel | null): string {
  if (model === null) return `agent:${agent}`;
  if (model.actual !== null) return `agent:${agent} on ${model.actual}`;
  return `agent:${agent} (not on ${model.requested}: ${model.reason ?? "unknown"})`;
}

const PULL_REQUEST = /\b(?:https?|file|local-git|millrace):\/\/[^\s<>"'`)\]]*\/(?:pull|pulls|merge_requests|pull-requests)\/\d+/i;
const COMMIT = /\bcommit(?:ted)?(?:\s+(?:is|as|sha|hash|id))?[\s:`'"(]+([0-9a-f]{7,64})\b/i;

/** The claims of an agent that can be checked. They are compared with the observed facts and never replace them. */
export function claimsOf(text: string): WorkObservation["claims"] {
  return { pullRequestUrl: PULL_REQUEST.exec(text)?.[0] ?? null, commit: COMMIT.exec(text)?.[1]?.toLowerCase() ?? null };
}

/** Attempt and effect number of a key `run/step/attempt/phase.n`; null for a key of another form. */
export function partsOfKey(key: string): { readonly attempt: number; readonly effect: number } | null {
  const match = /^[^/]+\/\d+\/(\d+)\/[^/]*?\.?(\d+)$/.exec(key);
  return match?.[1] === undefined || match[2] === undefined ? null : { attempt: Number(match[1]), effect: Number(match[2]) };
}
