import { z } from "zod";
import { defineStepKind, type DefinedStepKind, type Move } from "../../run/model/step-kind.js";
import { answeredOwn, invalidAnswer, questionOf } from "../shared/agent.logic.js";
import { DECISION_WAIT } from "../shared/waits.js";

const stateSchema = z.strictObject({ kind: z.literal("inline") });

/** A step that asks its agent and has the answer in one call. */
export const inlineStep: DefinedStepKind = defineStepKind<z.infer<typeof stateSchema>, never>({
  name: "inline",
  state: stateSchema,
  fact: z.never(),
  asks: "ask-agent",
  mayBePanelled: true,
  waits: DECISION_WAIT,
  initial: () => ({ kind: "inline" }),
  fold: (state) => state,
  enter: (context) => ask(context.step.definition.kind),
  onResult(context, _state, result) {
    if (result.of !== "ask-agent") return { to: "poll-again" };
    const { answer } = result;
    const failure = invalidAnswer(answer.product, answer.excerpt);
    if (failure !== null) return { to: "fail", failure };
    const question = questionOf(context.step, answer);
    if (question !== null) return { to: "wait", on: question };
    return { output: { output: answer.output, model: answer.model }, to: "finish" };
  },
  answered: (context, _state, _wait, answer) => answeredOwn(context, answer, ask(context.step.definition.kind)),
});

function ask(kind: string): Move<never> {
  return { to: "effect", phase: "work", request: { do: "ask-agent", kind, briefs: [] } };
}
