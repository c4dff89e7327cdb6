import { z } from "zod";
import type { RecordedOutcome } from "../../run/model/command.js";
import { productKey } from "../../run/model/keys.logic.js";
import { defineStepKind, type DefinedStepKind, type Move, type StepContext } from "../../run/model/step-kind.js";
import { describe } from "./describe.js";
import { answeredOwn, questionOf } from "../shared/agent.logic.js";
import { isUnreadable, jobFailure } from "../shared/job-failure.logic.js";
import {
  countEviction,
  evictedFactSchema,
  evictionsSchema,
  hasVanished,
  NO_EVICTIONS,
  recover,
  type EvictedFact,
} from "../shared/recovery.logic.js";
import { DECISION_WAIT } from "../shared/waits.js";
import { ingestBlueprint } from "./ingest-blueprint.effect.js";
import { ingestSpecification } from "./ingest-specification.effect.js";

const stateSchema = z.strictObject({ kind: z.literal("job"), evictions: evictionsSchema });
type State = z.infer<typeof stateSchema>;

/** A step whose agent works in a checkout of its own, outside the engine. It is finished when the observed work fulfils the kind's contract. */
export const jobStep: DefinedStepKind = defineStepKind<State, EvictedFact>({
  name: "job",
  state: stateSchema,
  fact: evictedFactSchema,
  asks: "start-job",
  mayBePanelled: true,
  waits: DECISION_WAIT,
  effects: [ingestBlueprint, ingestSpecification],
  initial: () => ({ kind: "job", evictions: NO_EVICTIONS }),
  fold: (state, fact) => ({ ...state, evictions: countEviction(state.evictions, fact) }),
  enter: (context) => dispatch(context.step.definition.kind),
  onResult(context, state, result) {
    if (result.of === "call") return { to: "finish" };
    if (result.of !== "job") return { to: "poll-again" };
    const { outcome } = result;
    if (hasVanished(outcome)) return recover(state.evictions, outcome, dispatch(context.step.definition.kind));
    const failure = jobFailure(context, context.step.definition.kind, outcome);
    // An artifact that cannot be read is not taken up; the work itself was observed and counts.
    if (failure !== null && !(isUnreadable(failure) && ingestOf(context) !== null)) return { to: "fail", failure };
    return outcome.is === "finished" ? delivered(context, outcome) : { to: "poll-again" };
  },
  answered: (context, _state, _wait, answer) => answeredOwn(context, answer, dispatch(context.step.definition.kind)),
  describe,
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
