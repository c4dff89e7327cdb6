/** The memory of a review step: where it stands in the loop of review, answers and rework. */
import { outputRefSchema, reviewFindingSchema, type StepState } from "@millrace/contracts";
import { match } from "ts-pattern";
import { z } from "zod";

/** One iteration that people answer: a review of its own in the store. */
const roundSchema = z.strictObject({
  id: z.string(),
  iteration: z.number().int().positive(),
  /** The document it judged; null: the description. */
  document: outputRefSchema.nullable(),
  /** Its findings as people read them. */
  output: outputRefSchema,
  /** The findings in one line. */
  inShort: z.string(),
});
/** One iteration that people answer. */
export type Round = z.infer<typeof roundSchema>;

const texts = z.array(outputRefSchema);
const nowSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("reading") }),
  /** The reviewer is asked; `id` is the id of the review to come, `supersedes` the one it replaces. */
  z.strictObject({
    is: z.literal("reviewing"),
    id: z.string(),
    iteration: z.number().int().positive(),
    document: outputRefSchema.nullable(),
    answers: texts,
    supersedes: roundSchema.pick({ id: true, iteration: true }).nullable(),
  }),
  /** People are asked; with `exceeded`, whether to go on at all. */
  z.strictObject({ is: z.literal("asking"), round: roundSchema, exceeded: z.boolean() }),
  /** A person asked for the answers to be folded in: the findings are frozen from here on. */
  z.strictObject({ is: z.literal("collecting"), round: roundSchema, feedback: z.string() }),
  z.strictObject({ is: z.literal("reworking"), round: roundSchema, answers: texts, nextId: z.string() }),
  z.strictObject({ is: z.literal("closed") }),
]);

/** State of a review step. */
export const stateSchema = z.strictObject({
  kind: z.literal("review"),
  /** Agent kind that folds answers into the document. */
  rework: z.string(),
  /** Iterations allowed without asking people: those of the preset when it began, and one for each round people granted. */
  cap: z.number().int().nonnegative(),
  /** Digest of the description the review began with. */
  description: z.string().nullable(),
  now: nowSchema,
});
/** State of a review step. */
export type State = z.infer<typeof stateSchema>;

const statusSchema = z.enum(["ready", "exceeded"]);
const closedSchema = { document: outputRefSchema.nullable(), description: z.string() };

/** Facts of a review step. */
export const factSchema = z.discriminatedUnion("is", [
  /** An earlier review of the same description is closed. */
  z.strictObject({ is: z.literal("closed-before"), review: z.string() }),
  z.strictObject({
    is: z.literal("review-begun"),
    next: z.string(),
    description: z.string(),
    cap: z.number().int().positive(),
    supersedes: roundSchema.pick({ id: true, iteration: true }).nullable(),
  }),
  /** An earlier run left a review of the same description open. */
  z.strictObject({
    is: z.literal("review-resumed"),
    round: roundSchema,
    status: statusSchema,
    description: z.string(),
    cap: z.number().int().positive(),
  }),
  z.strictObject({
    is: z.literal("reviewed"),
    round: roundSchema,
    status: z.enum(["ready", "exceeded", "incorporated"]),
    description: z.string(),
    model: z.string().nullable(),
    findings: z.array(reviewFindingSchema),
    supersedes: z.string().nullable(),
  }),
  z.strictObject({ is: z.literal("incorporating"), review: z.string(), feedback: z.string() }),
  z.strictObject({ is: z.literal("answers-collected"), texts, next: z.string() }),
  /** Back to people: a finding is open again, or an agent failed. */
  z.strictObject({ is: z.literal("review-reopened"), review: z.string(), because: z.string().max(4000) }),
  z.strictObject({ is: z.literal("reworked"), review: z.string(), document: outputRefSchema, model: z.string().nullable() }),
  z.strictObject({ is: z.literal("round-granted"), review: z.string() }),
  z.strictObject({ is: z.literal("review-closed"), review: z.string(), how: z.enum(["nothing-to-fold", "proceed"]), ...closedSchema }),
]);
/** A fact of a review step. */
export type Fact = z.infer<typeof factSchema>;

/** The state after a fact. */
export function fold(state: State, fact: Fact): State {
  return match(fact)
    .with({ is: "closed-before" }, { is: "review-closed" }, (): State => ({ ...state, now: { is: "closed" } }))
    .with({ is: "review-begun" }, ({ next, description, cap, supersedes }): State => ({
      ...state,
      cap,
      description,
      now: { is: "reviewing", id: next, iteration: 1, document: null, answers: [], supersedes },
    }))
    .with({ is: "review-resumed" }, ({ round, status, description, cap }): State => ({
      ...state,
      cap,
      description,
      now: { is: "asking", round, exceeded: status === "exceeded" },
    }))
    .with({ is: "reviewed" }, ({ round, status }): State => ({
      ...state,
      now: status === "incorporated" ? { is: "closed" } : { is: "asking", round, exceeded: status === "exceeded" },
    }))
    .with({ is: "round-granted" }, (): State => ({
      ...state,
      cap: state.cap + 1,
      now: state.now.is === "asking" ? { ...state.now, exceeded: false } : state.now,
    }))
    .with({ is: "incorporating" }, { is: "answers-collected" }, { is: "review-reopened" }, { is: "reworked" }, (step): State => ({
      ...state,
      now: foldCycle(state.now, step),
    }))
    .exhaustive();
}

type CycleFact = Extract<Fact, { is: "incorporating" | "answers-collected" | "review-reopened" | "reworked" }>;

/** The incorporation cycle. A fact that does not fit where the step is cannot happen, and changes nothing. */
function foldCycle(now: State["now"], fact: CycleFact): State["now"] {
  return match([now, fact] as const)
    .returnType<State["now"]>()
    .with([{ is: "asking" }, { is: "incorporating" }], ([{ round }, { feedback }]) => ({ is: "collecting", round, feedback }))
    .with([{ is: "collecting" }, { is: "answers-collected" }], ([{ round }, { texts: answers, next }]) => ({
      is: "reworking",
      round,
      answers,
      nextId: next,
    }))
    .with([{ is: "reworking" }, { is: "reworked" }], ([{ round, answers, nextId }, { document }]) => ({
      is: "reviewing",
      id: nextId,
      iteration: round.iteration + 1,
      document,
      answers,
      supersedes: { id: round.id, iteration: round.iteration },
    }))
    .with([{ is: "collecting" }, { is: "review-reopened" }], ([{ round }]) => ({ is: "asking", round, exceeded: false }))
    .otherwise(() => now);
}

/** The round a review step asks people about; null while it works, once it is closed, and for steps of other kinds. */
export function openRound(state: StepState): Round | null {
  const now = stateSchema.safeParse(state).data?.now;
  return now?.is === "asking" ? now.round : null;
}

/** Id of the review whose findings are frozen because the engine works on them; null when none is. */
export function frozenReview(state: StepState): string | null {
  const now = stateSchema.safeParse(state).data?.now;
  return now === undefined ? null : frozen(now);
}

/** The same, of where a review step stands. */
export function frozen(now: State["now"]): string | null {
  if (now.is === "collecting" || now.is === "reworking") return now.round.id;
  return now.is === "reviewing" && now.iteration > 1 ? (now.supersedes?.id ?? null) : null;
}
