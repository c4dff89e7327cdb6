import { z } from "zod";
import { extractJson } from "@millrace/agents";
import type { WorkObservation } from "@millrace/contracts";
import type { AgentAnswer, AgentQuestion } from "@millrace/kernel";
import type { ExitFile } from "./job-files.schema.js";

const questionSchema = z.object({
  millrace: z.literal("question"),
  question: z.string().min(1).max(4000),
  options: z.array(z.string().min(1).max(500)).max(20).default([]),
});

/** Any JSON answer may say how sure it is, whatever else its kind asks for. */
const confidenceSchema = z.looseObject({ confidence: z.number().min(0).max(1) });

/** The answer in an agent's last message. A question is one only in the marked form: prose that asks is prose. */
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
 * What a job's work is recorded as done by: `agent:opencode`, `agent:opencode on openai/gpt-5`, or, where the task is pinned to a model
 * the agent could not be put on, `agent:opencode (not on openai/gpt-5: why)`.
 */
export function modelLabel(agent: string, model: ExitFile["model"]): string {
  if (model === null) return `agent:${agent}`;
  return model.set === null ? `agent:${agent} (not on ${model.asked}: ${model.why ?? "unknown"})` : `agent:${agent} on ${model.set}`;
}

const PULL_REQUEST = /\b(?:https?|file|local-git|millrace):\/\/[^\s<>"'`)\]]*\/(?:pull|pulls|merge_requests|pull-requests)\/\d+/i;
const COMMIT = /\bcommit(?:ted)?(?:\s+(?:is|as|sha|hash|id))?[\s:`'"(]+([0-9a-f]{7,64})\b/i;

/** What an agent said that can be checked. Claims are compared with the world; they never stand for it. */
export function claimsOf(text: string): WorkObservation["claims"] {
  return { pullRequestUrl: PULL_REQUEST.exec(text)?.[0] ?? null, commit: COMMIT.exec(text)?.[1]?.toLowerCase() ?? null };
}

/** The attempt in a key `run/step/attempt/phase.n`; null for keys of another form. */
export function partsOfKey(key: string): { readonly attempt: number; readonly effect: number } | null {
  const match = /^[^/]+\/\d+\/(\d+)\/[^/]*?\.?(\d+)$/.exec(key);
  return match?.[1] === undefined || match[2] === undefined ? null : { attempt: Number(match[1]), effect: Number(match[2]) };
}
