/** A step kind of one's own: an agent lists forbidden licences; what it finds goes back to the step before, once, and then to a person. */
import type { AgentKind } from "@millrace/agents";
import { defineStepKind, type Move, type StepContext, type StepKind } from "@millrace/orchestration";
import { z } from "zod";

const answerSchema = z.strictObject({ forbidden: z.array(z.string().max(200)).max(50) });
const stateSchema = z.strictObject({ kind: z.literal("licence-check"), sentBack: z.number().int().nonnegative() });
const factSchema = z.strictObject({ is: z.literal("sent-back") });
type State = z.infer<typeof stateSchema>;
type Fact = z.infer<typeof factSchema>;

export const licenceCheckStep: StepKind = defineStepKind<State, Fact>({
  name: "licence-check",
  state: stateSchema,
  fact: factSchema,
  initial: () => ({ kind: "licence-check", sentBack: 0 }),
  fold: (state) => ({ ...state, sentBack: state.sentBack + 1 }),
  enter: (context) => ({ to: "effect", phase: "check", request: { do: "ask-agent", kind: context.step.definition.kind, briefs: [] } }),
  onResult(context, state, result) {
    if (result.of !== "ask-agent") return { to: "again" };
    const { output, model, product } = result.answer;
    const learnt = { output: { output, model } };
    const answer = answerSchema.safeParse(product.is === "valid" ? product.value : null);
    if (!answer.success)
      return { to: "fail", failure: { kind: "agent", code: "answer_invalid", message: "the answer lists no licences", detail: null } };
    const { forbidden } = answer.data;
    if (forbidden.length === 0) return { ...learnt, to: "finish" };
    if (state.sentBack === 0) return { ...learnt, ...sendBack(context, `Replace what these licences cover: ${forbidden.join(", ")}`) };
    const question = `Still there after a rework: ${forbidden.join(", ")}. Keep them?`;
    return { ...learnt, to: "wait", on: { on: "cap", question, options: [], subject: output.digest, output, approvers: 1 } };
  },
  answered: (context, _state, _wait, { answer }) =>
    answer === "extra-round" ? sendBack(context, "Replace what the forbidden licences cover.") : { to: "finish" },
});

function sendBack({ index }: StepContext, feedback: string): Move<Fact> {
  const revision = { previous: null, feedback, comments: [] };
  return { facts: [{ is: "sent-back" }], to: "rework", from: index - 1, revision, why: feedback };
}

export const licenceChecker: AgentKind = {
  id: "licence-checker",
  step: "licence-check",
  helper: false,
  intent: "list forbidden licences of new dependencies",
  traits: ["code-aware"],
  companionOf: [],
  bar: 0,
  contract: { delivers: "nothing", commits: "harness", pullRequest: "none" },
  answer: answerSchema,
  render: null,
  ingest: null,
  role: "You check licences. List every dependency of the change whose licence forbids commercial use.",
};
