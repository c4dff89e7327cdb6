import {
  findingAnswerSchema,
  type FindingAnswer,
  type HumanReply,
  type HumanWait,
  type ReviewItem,
  type ReviewWithItems,
  type Run,
  type StepState,
} from "@millrace/contracts";
import { MillraceError, notFound, reviewFrozen, type Change } from "@millrace/kernel";
import { currentStep, openWait } from "../../run/model/due.logic.js";
import { frozenReview, openRound } from "../../steps/review/state.js";
import type { AnswerRequest } from "../../run/commands/human-reply.js";
import { provePerson, type ByPerson, type PersonPorts } from "../../run/commands/prove-person.js";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import { refusal } from "../../platform/refusal.logic.js";
import type { RunAddress } from "../../run/turn/run-session.js";
import { answered, newest, requireAllAnswered } from "./reviews.logic.js";

type OnRun = RunAddress & ByPerson;

/** What the module needs of others. */
export interface ReviewsCalls {
  /** A run as it is now. */
  readonly readRun: (address: RunAddress) => Promise<Run>;
  /** A person's answer to an open wait: decided by the run's own guards. */
  readonly answerWait: (request: AnswerRequest) => Promise<Run>;
  /** Ids of the agent kinds that review. */
  readonly reviewKinds: () => readonly string[];
  /** Whether a step with this state keeps reviews. */
  readonly keepsReviews: (state: StepState) => boolean;
}

/**
 * Findings of reviews, and what people answer to them.
 *
 * Owns: reads, and answers to single findings. Does not own: reviews, which are steps of runs and only move there; what is answered to
 * a run goes through the run, so that its guards decide it (W-14, W-37).
 */
export class ReviewsService {
  readonly #ports: PersonPorts;
  readonly #calls: ReviewsCalls;

  constructor(ports: PersonPorts, calls: ReviewsCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /**
   * The last review on a block, of `kind` or of any, with its findings; null when there was none.
   * @throws MillraceError `not_found`.
   */
  async latest(request: {
    readonly workspaceId: string;
    readonly blockId: string;
    readonly kind?: string | undefined;
  }): Promise<ReviewWithItems | null> {
    const { workspaceId, blockId, kind } = request;
    const { reviews, blocks } = this.#ports.store;
    if ((await blocks.get(workspaceId, blockId)) === null) throw notFound("block", blockId);
    const wanted = kind === undefined ? this.#calls.reviewKinds() : [kind];
    const review = newest(await Promise.all(wanted.map((one) => reviews.latest(workspaceId, blockId, one))));
    return review === null ? null : { review, items: await reviews.items(workspaceId, review.id) };
  }

  /**
   * The reviews of a kind on a block, the newest first, each with its findings and what people answered.
   * @throws MillraceError `not_found`, `validation` for an `after` that is no review.
   */
  async history(request: {
    readonly workspaceId: string;
    readonly blockId: string;
    readonly kind: string;
    readonly limit: number;
    readonly after?: string | undefined;
  }): Promise<{ readonly items: ReviewWithItems[]; readonly nextAfter: string | null }> {
    const { workspaceId, blockId, kind, limit, after } = request;
    const { reviews, blocks } = this.#ports.store;
    if ((await blocks.get(workspaceId, blockId)) === null) throw notFound("block", blockId);
    const page = await reviews.history(workspaceId, blockId, kind, { limit, after });
    const items = await Promise.all(page.map(async (review) => ({ review, items: await reviews.items(workspaceId, review.id) })));
    return { items, nextAfter: page.length < limit ? null : (page.at(-1)?.id ?? null) };
  }

  /**
   * The last review of a run, at its cursor or before it, with its findings; null when the run has none yet.
   * @throws MillraceError `not_found`.
   */
  async ofRun({ workspaceId, runId }: RunAddress): Promise<ReviewWithItems | null> {
    const run = await this.#calls.readRun({ workspaceId, runId });
    const step = run.steps.slice(0, run.cursor + 1).findLast(({ state }) => this.#calls.keepsReviews(state));
    return step === undefined ? null : this.latest({ workspaceId, blockId: run.blockId, kind: step.definition.kind });
  }

  /**
   * A person's answer to one finding. Answers to different findings never overwrite each other.
   * @throws MillraceError `not_found`, `validation`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`; `review_frozen` while the
   *   engine works on the review and once it is closed.
   */
  async answer(
    request: ByPerson & {
      readonly workspaceId: string;
      readonly reviewId: string;
      readonly itemId: string;
      readonly answer: FindingAnswer;
    },
  ): Promise<ReviewItem> {
    const { workspaceId, reviewId, itemId } = request;
    const answer = findingAnswerSchema.safeParse(request.answer);
    if (!answer.success) throw refusal("the finding cannot be answered", answer.error, "a reply has 1 to 4,000 characters");
    const { store, clock } = this.#ports;
    const review = await store.reviews.get(workspaceId, reviewId);
    if (review === null) throw notFound("review", reviewId);
    const run = { id: review.runId, blockId: review.blockId };
    const actor = await provePerson(this.#ports, request, { deed: "answer-finding", workspaceId, run });
    const item = (await store.reviews.items(workspaceId, reviewId)).find(({ id }) => id === itemId);
    if (item === undefined) throw notFound("finding", itemId, `see them with: millrace review ${review.runId}`);
    const now = { ...item, ...answered(item, answer.data) };
    const { status, reply } = now;
    await store.commit([
      { change: "answer-review-item", workspaceId, reviewId, id: itemId, status, reply },
      appendBoardEvent(
        workspaceId,
        { at: clock.now(), actor },
        { type: "finding-answered", blockId: review.blockId, reviewId, findingId: itemId, status },
      ),
    ]);
    return now;
  }

  /**
   * Folds the answers into the document, and has the result reviewed again.
   * @throws MillraceError `not_found`; `validation` with `details.open` while findings are open; `wait_closed`; `wait_mismatch` when no
   * round is left; `review_frozen`.
   */
  async incorporate(request: OnRun & { readonly feedback?: string }): Promise<Run> {
    const { wait, reviewId } = await this.#asked(request);
    const { workspaceId } = request;
    if (wait.on === "review") requireAllAnswered(await this.#ports.store.reviews.items(workspaceId, reviewId));
    const guards: readonly Change[] = wait.on === "review" ? [{ change: "keep-review-answered", workspaceId, reviewId }] : [];
    return this.#reply(request, wait, wait.subject, { answer: "incorporate", feedback: request.feedback ?? "" }, guards);
  }

  /**
   * Closes the review as it is. `subject` is the digest of the findings the person saw.
   * @throws MillraceError `not_found`, `digest_mismatch`, `wait_closed`; `review_frozen` while answers are folded in.
   */
  async proceed(request: OnRun & { readonly subject: string }): Promise<Run> {
    const { wait } = await this.#asked(request);
    return this.#reply(request, wait, request.subject, { answer: "proceed" });
  }

  /**
   * Grants one more round to a review that used up its own.
   * @throws MillraceError `not_found`, `wait_closed`, `review_frozen`; `wait_mismatch` while rounds are left.
   */
  async extraRound(request: OnRun): Promise<Run> {
    const { wait } = await this.#asked(request);
    return this.#reply(request, wait, wait.subject, { answer: "extra-round" });
  }

  async #asked({ workspaceId, runId }: RunAddress): Promise<{ readonly wait: HumanWait; readonly reviewId: string }> {
    const run = await this.#calls.readRun({ workspaceId, runId });
    const { state } = currentStep(run);
    const wait = openWait(run);
    const round = openRound(state);
    if (wait !== null && round !== null) return { wait, reviewId: round.id };
    const frozen = run.phase.is === "live" ? frozenReview(state) : null;
    if (frozen !== null) throw reviewFrozen(frozen);
    throw new MillraceError("wait_closed", `run '${runId}' waits for no answers to a review`, {
      fix: `see it with: millrace show ${runId}`,
    });
  }

  #reply(
    { workspaceId, runId, actor, credential }: OnRun,
    { id }: HumanWait,
    subject: string,
    reply: HumanReply,
    guards: readonly Change[] = [],
  ): Promise<Run> {
    return this.#calls.answerWait({ workspaceId, runId, wait: id, subject, actor, credential, reply, guards });
  }
}
