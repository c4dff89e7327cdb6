/** What a review step remembers, what it learns, and what that means for the review's rows. */
import { outputRefSchema, reviewFindingSchema, type Review, type StepState, type FinalDocument } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { match } from "ts-pattern";
import { z } from "zod";
import type { FactContext } from "../../run/model/step-kind.js";
import { mayReplace } from "./review.logic.js";

/** One iteration that people look at: a row of its own. */
const roundSchema = z.strictObject({
  id: z.string(),
  iteration: z.number().int().positive(),
  /** The document it judged; null: the description. */
  document: outputRefSchema.nullable(),
  /** Its findings as people read them. */
  output: outputRefSchema,
  /** The same in one line. */
  inShort: z.string(),
});
export type Round = z.infer<typeof roundSchema>;

const texts = z.array(outputRefSchema);
const nowSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("reading") }),
  /** The reviewer is asked; `id` is what its review will be called, `supersedes` the one it takes the place of. */
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
  /** A person said "fold the answers in": the findings are frozen from here on. */
  z.strictObject({ is: z.literal("collecting"), round: roundSchema, feedback: z.string() }),
  z.strictObject({ is: z.literal("reworking"), round: roundSchema, answers: texts, nextId: z.string() }),
  z.strictObject({ is: z.literal("closed") }),
]);

export const reviewStateSchema = z.strictObject({
  kind: z.literal("review"),
  /** Kind that folds answers into the document. */
  rework: z.string(),
  /** Iterations people need not be asked about: the preset's when it began, and one for each round people granted. */
  cap: z.number().int().nonnegative(),
  /** Digest of the description the review began with. */
  description: z.string().nullable(),
  now: nowSchema,
});
export type ReviewState = z.infer<typeof reviewStateSchema>;

const statusSchema = z.enum(["ready", "exceeded"]);
const settledSchema = { document: outputRefSchema.nullable(), description: z.string() };

export const reviewFactSchema = z.discriminatedUnion("is", [
  /** Settled before, for the same description. */
  z.strictObject({ is: z.literal("closed-before"), review: z.string() }),
  z.strictObject({
    is: z.literal("review-begun"),
    next: z.string(),
    description: z.string(),
    cap: z.number().int().positive(),
    supersedes: roundSchema.pick({ id: true, iteration: true }).nullable(),
  }),
  /** An earlier run left it unsettled. */
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
  /** Back to people: a finding is open after all, or an agent failed. */
  z.strictObject({ is: z.literal("review-reopened"), review: z.string(), because: z.string().max(4000) }),
  z.strictObject({ is: z.literal("reworked"), review: z.string(), document: outputRefSchema, model: z.string().nullable() }),
  z.strictObject({ is: z.literal("round-granted"), review: z.string() }),
  z.strictObject({ is: z.literal("review-closed"), review: z.string(), how: z.enum(["nothing-to-fold", "proceed"]), ...settledSchema }),
]);
export type ReviewFact = z.infer<typeof reviewFactSchema>;

export function foldReview(state: ReviewState, fact: ReviewFact): ReviewState {
  return match(fact)
    .with({ is: "closed-before" }, { is: "review-closed" }, (): ReviewState => ({ ...state, now: { is: "closed" } }))
    .with({ is: "review-begun" }, ({ next, description, cap, supersedes }): ReviewState => ({
      ...state,
      cap,
      description,
      now: { is: "reviewing", id: next, iteration: 1, document: null, answers: [], supersedes },
    }))
    .with({ is: "review-resumed" }, ({ round, status, description, cap }): ReviewState => ({
      ...state,
      cap,
      description,
      now: { is: "asking", round, exceeded: status === "exceeded" },
    }))
    .with({ is: "reviewed" }, ({ round, status }): ReviewState => ({
      ...state,
      now: status === "incorporated" ? { is: "closed" } : { is: "asking", round, exceeded: status === "exceeded" },
    }))
    .with({ is: "round-granted" }, (): ReviewState => ({
      ...state,
      cap: state.cap + 1,
      now: state.now.is === "asking" ? { ...state.now, exceeded: false } : state.now,
    }))
    .with({ is: "incorporating" }, { is: "answers-collected" }, { is: "review-reopened" }, { is: "reworked" }, (step): ReviewState => ({
      ...state,
      now: foldCycle(state.now, step),
    }))
    .exhaustive();
}

type CycleFact = Extract<ReviewFact, { is: "incorporating" | "answers-collected" | "review-reopened" | "reworked" }>;

/** The incorporation cycle. A fact that does not fit where the step is cannot happen, and changes nothing. */
function foldCycle(now: ReviewState["now"], fact: CycleFact): ReviewState["now"] {
  return match([now, fact] as const)
    .returnType<ReviewState["now"]>()
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

const UNSETTLED: readonly Review["status"][] = ["ready", "incorporating", "reviewing", "exceeded"];

/** The rows a fact writes, in the commit that records it: no crash leaves the one without the other (W-21, W-23). */
export function reviewChanges(fact: ReviewFact, context: FactContext): readonly Change[] {
  const { workspaceId } = context.run;
  const set = (id: string, from: readonly Review["status"][], status: Review["status"]): Change => ({
    change: "set-review-status",
    workspaceId,
    id,
    from,
    status,
  });
  return match(fact)
    .returnType<readonly Change[]>()
    .with({ is: "closed-before" }, { is: "review-begun" }, { is: "answers-collected" }, () => [])
    .with({ is: "review-resumed" }, ({ round, status }) => [set(round.id, UNSETTLED, status)])
    .with({ is: "reviewed" }, (reviewed) => [
      ...(reviewed.supersedes === null ? [] : [set(reviewed.supersedes, UNSETTLED, "superseded")]),
      inserted(reviewed, context),
      ...(reviewed.status === "incorporated" ? finalDocument(reviewed.round.document, reviewed.description, context) : []),
    ])
    .with({ is: "incorporating" }, ({ review }) => [set(review, ["ready"], "incorporating")])
    .with({ is: "review-reopened" }, ({ review }) => [set(review, ["incorporating", "reviewing"], "ready")])
    .with({ is: "reworked" }, ({ review }) => [set(review, ["incorporating"], "reviewing")])
    .with({ is: "round-granted" }, ({ review }) => [set(review, ["exceeded"], "ready")])
    .with({ is: "review-closed" }, ({ review, how, document, description }) => [
      set(review, how === "proceed" ? ["ready", "exceeded"] : ["incorporating"], "incorporated"),
      ...finalDocument(document, description, context),
    ])
    .exhaustive();
}

function inserted({ round, status, description, model, findings }: Extract<ReviewFact, { is: "reviewed" }>, context: FactContext): Change {
  const { id: runId, workspaceId, blockId } = context.run;
  const { id, iteration, document } = round;
  return {
    change: "insert-review",
    review: {
      id,
      workspaceId,
      blockId,
      runId,
      kind: kindOf(context),
      iteration,
      status,
      document,
      description,
      model,
      createdAt: context.at,
    },
    items: findings.map((finding, position) => ({
      ...finding,
      id: `f${position + 1}`,
      workspaceId,
      reviewId: id,
      position,
      status: "open",
      reply: null,
    })),
  };
}

/** Without a document there is nothing to put in the place of the description; an earlier one stays. */
function finalDocument(output: FinalDocument["output"] | null, description: string, context: FactContext): readonly Change[] {
  if (output === null) return [];
  const { block } = context.input;
  const document: FinalDocument = { kind: kindOf(context), output, description };
  if (!mayReplace(block.document, document)) return [];
  return [{ change: "patch-block", workspaceId: block.workspaceId, id: block.id, patch: { document } }];
}

function kindOf({ run, index }: FactContext): string {
  return run.steps[index]?.definition.kind ?? "";
}

/** The round a review step asks people about; null while it works, once it is settled, and for other steps. */
export function openRound(state: StepState): Round | null {
  const now = reviewStateSchema.safeParse(state).data?.now;
  return now?.is === "asking" ? now.round : null;
}

/** The review whose findings are frozen because the engine works on them; null when none is. */
export function frozenReview(state: StepState): string | null {
  const now = reviewStateSchema.safeParse(state).data?.now;
  return now === undefined ? null : frozen(now);
}

export function frozen(now: ReviewState["now"]): string | null {
  if (now.is === "collecting" || now.is === "reworking") return now.round.id;
  return now.is === "reviewing" && now.iteration > 1 ? (now.supersedes?.id ?? null) : null;
}
