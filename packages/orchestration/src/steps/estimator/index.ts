import { clampUnit } from "@millrace/agents";
import { estimateAnswerSchema, type Estimate } from "@millrace/contracts";
import { z } from "zod";
import type { RecordedAnswer } from "../../run/model/command.js";
import { defineStepKind, type DefinedStepKind, type Move } from "../../run/model/step-kind.js";
import { answeredOwn, questionOf } from "../shared/agent.logic.js";
import { described } from "../shared/describe.logic.js";
import { DECISION_WAIT } from "../shared/waits.js";
import { tellWithoutEffect } from "../shared/without-effect.js";

const stateSchema = z.strictObject({ kind: z.literal("estimator") });
const factSchema = z.strictObject({ is: z.literal("not-estimated"), why: z.string().max(4000) });
type Fact = z.infer<typeof factSchema>;

/**
 * A step that estimates the task. The estimate belongs to the run: later steps are gated by it. An answer that is no estimate is kept
 * as text and raises a notification; the run goes on, and the gating of each step says what a missing estimate means.
 */
export const estimatorStep: DefinedStepKind = defineStepKind<z.infer<typeof stateSchema>, Fact>({
  name: "estimator",
  state: stateSchema,
  fact: factSchema,
  asks: "ask-agent",
  mayBePanelled: true,
  estimates: true,
  waits: DECISION_WAIT,
  initial: () => ({ kind: "estimator" }),
  fold: (state) => state,
  enter: (context) => ask(context.step.definition.kind),
  onResult(context, _state, result) {
    if (result.of !== "ask-agent") return { to: "poll-again" };
    const { answer } = result;
    const question = questionOf(context.step, answer);
    if (question !== null) return { to: "wait", on: question };
    const estimate = estimateOf(answer, context.at);
    return {
      output: { output: answer.output, model: answer.model },
      ...(estimate === null ? { facts: [{ is: "not-estimated", why: missing(answer) }] } : { estimate }),
      to: "finish",
    };
  },
  answered: (context, _state, _wait, answer) => answeredOwn(context, answer, ask(context.step.definition.kind)),
  consequences: ({ why }, context) => tellWithoutEffect(context, "it was not estimated", why),
  describe: ({ why }) => described("bad", "there is no estimate", why),
});

function missing({ product }: RecordedAnswer): string {
  return (product.is === "invalid" ? `the estimate cannot be read: ${product.issues}` : "the answer is no estimate").slice(0, 4000);
}

function ask(kind: string): Move<never> {
  return { to: "effect", phase: "work", request: { do: "ask-agent", kind, briefs: [] } };
}

function estimateOf({ product, model }: RecordedAnswer, at: number): Estimate | null {
  const parsed = estimateAnswerSchema.safeParse(product.is === "valid" ? product.value : null);
  if (!parsed.success) return null;
  const { complexity, risk, impact, rationale } = parsed.data;
  return { complexity: clampUnit(complexity), risk: clampUnit(risk), impact: clampUnit(impact), rationale, model, at };
}
