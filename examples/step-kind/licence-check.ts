/** A step kind of one's own: an agent lists forbidden licences; what it finds goes back to the step before, once, and then to a person. */
import { defineAgentKind, type AgentKind } from "@millrace/agents";
import { defineStepKind, type DefinedStepKind, type Move, type StepContext } from "@millrace/orchestration";
import { z } from "zod";

const answerSchema = z.strictObject({ forbidden: z.array(z.string().max(200)).max(50) });
const stateSchema = z.strictObject({ kind: z.literal("licence-check"), sentBack: z.number().int().nonnegative() });
const factSchema = z.strictObject({ is: z.literal("sent-back") });
type State = z.infer<typeof stateSchema>;
type Fact = z.infer<typeof factSchema>;

export const licenceCheckStep: DefinedStepKind = defineStepKind<State, Fact>({
  name: "licence-check",
  state: stateSchema,
  fact: factSchema,
  asks: "ask-agent",
  waits: { "forbidden-licences": { notification: "forbidden_licences", answers: ["proceed", "extra-round", "reject"] } },
  initial: () => ({ kind: "licence-check", sentBack: 0 }),
  fold: (state) => ({ ...state, sentBack: state.sentBack + 1 }),
  enter: (context) => ({ to: "effect", phase: "check", request: { do: "ask-agent", kind: context.step.definition.kind, briefs: [] } }),
  onResult(context, state, result) {
    if (result.of !== "ask-agent") return { to: "poll-again" };
    const { output, model, product } = result.answer;
    const records = { output: { output, model } };
    const answer = answerSchema.safeParse(product.is === "valid" ? product.value : null);
    if (!answer.success)
      return { to: "fail", failure: { kind: "agent", code: "answer_invalid", message: "the answer lists no licences", detail: null } };
    const { forbidden } = answer.data;
    if (forbidden.length === 0) return { ...records, to: "finish" };
    if (state.sentBack === 0) return { ...records, ...sendBack(context, `Replace what these licences cover: ${forbidden.join(", ")}`) };
    const question = `Still there after a rework: ${forbidden.join(", ")}. Keep them?`;
    const on = { on: "forbidden-licences", question, options: [], subject: output.digest, output, approvers: 1 };
    return { ...records, to: "wait", on };
  },
  answered: (context, _state, _wait, { answer }) =>
    answer === "extra-round" ? sendBack(context, "Replace what the forbidden licences cover.") : { to: "finish" },
});

function sendBack({ index }: StepContext, feedback: string): Move<Fact> {
  const revision = { previous: null, feedback, comments: [] };
  return { facts: [{ is: "sent-back" }], to: "rework", from: index - 1, revision, why: feedback };
}

export const licenceChecker: AgentKind = defineAgentKind({
  id: "licence-checker",
  step: "licence-check",
  intent: "list forbidden licences of new dependencies",
  traits: ["code-aware"],
  answer: answerSchema,
  role: "You check licences. List every dependency of the change whose licence forbids commercial use.",
});
