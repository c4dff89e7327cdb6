/** The changes outside the run that the facts of a review step entail: its reviews in the store, and the document of the block. */
import type { FinalDocument, Review } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { match } from "ts-pattern";
import type { FactContext } from "../../run/model/step-kind.js";
import { mayReplace } from "./review.logic.js";
import type { Fact } from "./state.js";

/** Statuses of a review that is not closed. */
const OPEN: readonly Review["status"][] = ["ready", "incorporating", "reviewing", "exceeded"];

/** The writes of a fact, in the commit that records it: no crash leaves one without the other (W-21, W-23). */
export function reviewChanges(fact: Fact, context: FactContext): readonly Change[] {
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
    .with({ is: "review-resumed" }, ({ round, status }) => [set(round.id, OPEN, status)])
    .with({ is: "reviewed" }, (reviewed) => [
      ...(reviewed.supersedes === null ? [] : [set(reviewed.supersedes, OPEN, "superseded")]),
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

function inserted({ round, status, description, model, findings }: Extract<Fact, { is: "reviewed" }>, context: FactContext): Change {
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

/** Without a document nothing replaces the description, and an earlier document stays. */
function finalDocument(output: FinalDocument["output"] | null, description: string, context: FactContext): readonly Change[] {
  if (output === null) return [];
  const { block } = context.input;
  const document: FinalDocument = { kind: kindOf(context), output, description };
  const rankOf = (kind: string): number => context.input.kinds.get(kind)?.documentRank ?? 0;
  if (!mayReplace(block.document, document, rankOf)) return [];
  return [{ change: "patch-block", workspaceId: block.workspaceId, id: block.id, patch: { document } }];
}

function kindOf({ run, index }: FactContext): string {
  return run.steps[index]?.definition.kind ?? "";
}
