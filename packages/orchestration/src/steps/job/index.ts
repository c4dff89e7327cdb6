import { judgeWork } from "@millrace/agents";
import { z } from "zod";
import type { RecordedOutcome } from "../../run/model/command.js";
import { defineStepKind, type FailureRequest, type Move, type StepContext, type StepKind } from "../../run/model/step-kind.js";
import { productKey } from "../../run/model/keys.logic.js";
import { answeredOwn, invalidAnswer, questionOf } from "../shared/agent.logic.js";
import {
  countEviction,
  evictedFactSchema,
  evictionsSchema,
  hasVanished,
  NO_EVICTIONS,
  recover,
  type EvictedFact,
  type Vanished,
} from "../shared/recovery.logic.js";

const stateSchema = z.strictObject({ kind: z.literal("job"), evictions: evictionsSchema });
type State = z.infer<typeof stateSchema>;

/** A step whose agent works in a checkout of its own, outside the engine. Finished when the world says so. */
export const jobStep: StepKind = defineStepKind<State, EvictedFact>({
  name: "job",
  state: stateSchema,
  fact: evictedFactSchema,
  initial: () => ({ kind: "job", evictions: NO_EVICTIONS }),
  fold: (state, fact) => ({ ...state, evictions: countEviction(state.evictions, fact) }),
  enter: (context) => dispatch(context.step.definition.kind),
  onResult(context, state, result) {
    if (result.of === "call") return { to: "finish" };
    if (result.of !== "job") return { to: "again" };
    const { outcome } = result;
    if (hasVanished(outcome)) return recover(state.evictions, outcome, dispatch(context.step.definition.kind));
    const failure = jobFailure(context, context.step.definition.kind, outcome);
    // An artifact that cannot be read is not taken up; the work itself was observed and stands.
    if (failure !== null && !(isUnreadable(failure) && ingestOf(context) !== null)) return { to: "fail", failure };
    return outcome.is === "finished" ? delivered(context, outcome) : { to: "again" };
  },
  answered: (context, _state, _wait, answer) => answeredOwn(context, answer, dispatch(context.step.definition.kind)),
});

function dispatch(kind: string): Extract<Move<never>, { to: "effect" }> {
  return { to: "effect", phase: "work", request: { do: "start-job", kind, briefs: [] } };
}

function delivered(context: StepContext, outcome: Extract<RecordedOutcome, { is: "finished" }>): Move<EvictedFact> {
  const question = questionOf(context.step, outcome.answer);
  if (question !== null) return { to: "wait", on: question };
  const pullRequest = outcome.observed?.pullRequest ?? null;
  const learnt = {
    output: { output: outcome.answer.output, model: outcome.answer.model },
    ...(pullRequest === null ? {} : { pullRequest }),
  };
  const ingest = ingestOf(context);
  if (ingest === null || outcome.answer.product.is !== "valid") return { ...learnt, to: "finish" };
  const request = { do: "call", name: ingest, input: { product: productKey(outcome.answer.output.key) } } as const;
  return { ...learnt, to: "effect", phase: "ingest", request };
}

/** The effect that takes up the kind's product. */
function ingestOf(context: StepContext): string | null {
  return context.input.kinds.get(context.step.definition.kind)?.ingest ?? null;
}

/** The work is in order, and only the answer does not have its shape. A code says nothing of that: an executor's failure has any code. */
export function isUnreadable({ kind }: FailureRequest): boolean {
  return kind === "agent";
}

/** Why a settled job does not count, or null. A question is not judged: the agent stopped to ask before it delivered. */
export function jobFailure(context: StepContext, kind: string, outcome: Exclude<RecordedOutcome, Vanished>): FailureRequest | null {
  if (outcome.is === "failed") return { kind: "job_failed", code: outcome.code, message: outcome.message, detail: outcome.detail };
  if (questionOf(context.step, outcome.answer) !== null) return null;
  const contract = context.input.kinds.get(kind)?.contract;
  if (contract !== undefined && outcome.observed !== null) {
    const broken = judgeWork(contract, outcome.observed);
    if (broken !== null) return { kind: "completion", ...broken, detail: outcome.answer.excerpt };
  } else if (contract?.delivers !== "nothing") {
    return {
      kind: "completion",
      code: "not_observed",
      message: `the executor observed nothing of the ${kind}'s work; its word alone does not count`,
      detail: outcome.answer.excerpt,
    };
  }
  return invalidAnswer(outcome.answer.product, outcome.answer.excerpt);
}
