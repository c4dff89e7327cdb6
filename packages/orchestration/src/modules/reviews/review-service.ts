import { EVENT_SHAPE_VERSION, type Actor, type HumanWait, type Review, type ReviewItem, type Run } from "@millrace/contracts";
import { MillraceError, notFound, reviewFrozen } from "@millrace/kernel";
import { currentStep, openWait } from "../../run/model/due.logic.js";
import { frozenReview, openRound } from "../../steps/review/state.js";
import type { Registries } from "../../run/model/evolve.logic.js";
import type { ExecutionService } from "../../run/execution-service.js";
import type { HumanReply } from "../../run/commands/human-reply.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { RunAddress } from "../../run/turn/transactor.js";

/** What a person does with one finding. A reply to an open finding answers it. */
export type FindingAnswer =
  | { readonly do: "reply"; readonly text: string }
  | { readonly do: "resolve" }
  | { readonly do: "dismiss" }
  | { readonly do: "reopen" };

/** A review and its findings, the worst first. */
export interface ReviewWithItems {
  readonly review: Review;
  readonly items: readonly ReviewItem[];
}

type ByPerson = RunAddress & { readonly actor: Actor };

/**
 * Findings of reviews, and what people answer to them.
 *
 * Owns: reads, and answers to single findings. Does not own: reviews, which are steps of runs and only move there; what is answered to
 * a run goes through `ExecutionService`, so it is decided by its guards (W-14, W-37).
 */
export class ReviewService {
  readonly #ports: Pick<OrchestrationPorts, "store" | "clock">;
  readonly #registries: Registries;
  readonly #execution: ExecutionService;

  constructor(ports: Pick<OrchestrationPorts, "store" | "clock">, registries: Registries, execution: ExecutionService) {
    this.#ports = ports;
    this.#registries = registries;
    this.#execution = execution;
  }

  /** The last review on a block, of `kind` or of any, with its findings; null when there was none. */
  async latest(request: {
    readonly workspaceId: string;
    readonly blockId: string;
    readonly kind?: string;
  }): Promise<ReviewWithItems | null> {
    const { workspaceId, blockId, kind } = request;
    const { reviews } = this.#ports.store;
    const { kinds, stepKinds } = this.#registries;
    const reviewers = kinds.list().filter(({ step }) => stepKinds.get(step).keepsReviews);
    const wanted = kind === undefined ? reviewers.map(({ id }) => id) : [kind];
    const found = await Promise.all(wanted.map((one) => reviews.latest(workspaceId, blockId, one)));
    const [review] = found.filter((one) => one !== null).toSorted((a, b) => b.createdAt - a.createdAt);
    return review === undefined ? null : { review, items: await reviews.items(workspaceId, review.id) };
  }

  /** The last review of the kind a run reviews with: at its cursor, else before it. Null when the run has none (yet). @throws MillraceError `not_found`. */
  async ofRun({ workspaceId, runId }: RunAddress): Promise<ReviewWithItems | null> {
    const run = await this.#execution.get({ workspaceId, runId });
    const step = run.steps.slice(0, run.cursor + 1).findLast(({ state }) => this.#registries.stepKinds.of(state).keepsReviews);
    return step === undefined ? null : this.latest({ workspaceId, blockId: run.blockId, kind: step.definition.kind });
  }

  /**
   * A person's answer to one finding. Answers to different findings never overwrite each other.
   * @throws MillraceError `not_found`, `validation`, `forbidden_actor`, `review_frozen` while the engine works on the review or once it is settled.
   */
  async answer(request: {
    readonly workspaceId: string;
    readonly reviewId: string;
    readonly itemId: string;
    readonly actor: Actor;
    readonly answer: FindingAnswer;
  }): Promise<ReviewItem> {
    const { workspaceId, reviewId, itemId, actor, answer } = request;
    if (actor.type !== "human")
      throw new MillraceError("forbidden_actor", `${actor.type} '${actor.id}' may not answer for a person`, {
        fix: "only people answer findings",
      });
    const { store, clock } = this.#ports;
    const review = await store.reviews.get(workspaceId, reviewId);
    if (review === null) throw notFound("review", reviewId);
    const item = (await store.reviews.items(workspaceId, reviewId)).find(({ id }) => id === itemId);
    if (item === undefined) throw notFound("finding", itemId, "see them with: millrace review");
    const now = { ...item, ...after(item, answer) };
    const { status, reply } = now;
    await store.commit([
      { change: "answer-review-item", workspaceId, reviewId, id: itemId, status, reply },
      {
        change: "append-board-event",
        workspaceId,
        event: {
          version: EVENT_SHAPE_VERSION,
          at: clock.now(),
          actor,
          event: { type: "finding-answered", blockId: review.blockId, reviewId, findingId: itemId, status },
        },
      },
    ]);
    return now;
  }

  /**
   * Has the answers folded into the document, and the result reviewed again.
   * @throws MillraceError `validation` with `details.open` while findings are open, `wait_closed`, `wait_mismatch` when no round is left, `review_frozen`.
   */
  async incorporate(request: ByPerson & { readonly feedback?: string }): Promise<Run> {
    const { wait, reviewId } = await this.#asked(request);
    const items = await this.#ports.store.reviews.items(request.workspaceId, reviewId);
    const open = items.filter(({ status }) => status === "open");
    if (open.length > 0 && wait.on === "review")
      throw new MillraceError(
        "validation",
        `${open.length} finding(s) are open: ${open.map(({ id, title }) => `${id} ${title}`).join("; ")}`.slice(0, 2000),
        { fix: "reply to each, resolve or dismiss it; see them with: millrace review", details: { open: open.length } },
      );
    return this.#reply(request, wait, wait.subject, { answer: "incorporate", feedback: request.feedback ?? "" });
  }

  /** Settles the review as it is. `subject` is the digest of the findings the person saw. @throws MillraceError `digest_mismatch`, `wait_closed`, `review_frozen` while answers are folded in. */
  async proceed(request: ByPerson & { readonly subject: string }): Promise<Run> {
    const { wait } = await this.#asked(request);
    return this.#reply(request, wait, request.subject, { answer: "proceed" });
  }

  /** One more round for a review that used up its own. @throws MillraceError `wait_mismatch` while rounds are left, `wait_closed`, `review_frozen`. */
  async extraRound(request: ByPerson): Promise<Run> {
    const { wait } = await this.#asked(request);
    return this.#reply(request, wait, wait.subject, { answer: "extra-round" });
  }

  async #asked({ workspaceId, runId }: RunAddress): Promise<{ readonly wait: HumanWait; readonly reviewId: string }> {
    const run = await this.#execution.get({ workspaceId, runId });
    const { state } = currentStep(run);
    const wait = openWait(run);
    const round = openRound(state);
    if (wait !== null && round !== null) return { wait, reviewId: round.id };
    const frozen = run.phase.is === "live" ? frozenReview(state) : null;
    if (frozen !== null) throw reviewFrozen(frozen);
    throw new MillraceError("wait_closed", `run '${runId}' waits for no answers to a review`, { fix: "see it with: millrace show" });
  }

  #reply({ workspaceId, runId, actor }: ByPerson, { id }: HumanWait, subject: string, reply: HumanReply): Promise<Run> {
    return this.#execution.answer({ workspaceId, runId, wait: id, subject, actor, reply });
  }
}

function after(item: ReviewItem, answer: FindingAnswer): Pick<ReviewItem, "status" | "reply"> {
  switch (answer.do) {
    case "reply": {
      const reply = answer.text.trim();
      if (reply === "" || reply.length > 4000)
        throw new MillraceError("validation", "a reply has 1 to 4,000 characters", { fix: "say what the document should say" });
      return { status: item.status === "open" ? "answered" : item.status, reply };
    }
    case "resolve":
      return { status: "resolved", reply: item.reply };
    case "dismiss":
      return { status: "dismissed", reply: item.reply };
    case "reopen":
      return { status: "open", reply: item.reply };
  }
}
