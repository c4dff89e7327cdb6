import type { Actor, Review, ReviewItem, Run } from "@millrace/contracts";
import { MillraceError, notFound, type Store } from "@millrace/kernel";
import { openWait } from "../engine/consequences.logic.js";
import type { ExecutionService } from "./execution-service.js";

/** What a person does with one finding. A reply to an open finding answers it. */
export type FindingAnswer =
  | { readonly do: "reply"; readonly text: string }
  | { readonly do: "resolve" }
  | { readonly do: "dismiss" }
  | { readonly do: "reopen" };

interface ReviewAddress {
  readonly workspaceId: string;
  readonly reviewId: string;
}

/** Findings of reviews, and what people answer to them. The reviews themselves are steps of runs. */
export class ReviewService {
  readonly #store: Store;
  readonly #execution: ExecutionService;

  constructor(store: Store, execution: ExecutionService) {
    this.#store = store;
    this.#execution = execution;
  }

  /** The last review of a kind on a block, with its findings; null when there was none. */
  async latest(request: {
    readonly workspaceId: string;
    readonly blockId: string;
    readonly kind: string;
  }): Promise<{ readonly review: Review; readonly items: readonly ReviewItem[] } | null> {
    const review = await this.#store.reviews.latest(request.workspaceId, request.blockId, request.kind);
    return review === null ? null : { review, items: await this.#store.reviews.items(request.workspaceId, review.id) };
  }

  /** @throws MillraceError `not_found`, `validation`, `review_frozen` while the engine works on the review or once it is settled. */
  async answer(request: ReviewAddress & { readonly itemId: string; readonly answer: FindingAnswer }): Promise<ReviewItem> {
    const { workspaceId, reviewId, itemId, answer } = request;
    const item = await this.#item(request, itemId);
    const now = { ...item, ...after(item, answer) };
    await this.#store.commit([{ change: "answer-review-item", workspaceId, reviewId, id: itemId, status: now.status, reply: now.reply }]);
    return now;
  }

  /** Has the answers folded into the document, and the result reviewed again. @throws MillraceError `validation` while a finding is open, `wait_closed`. */
  async incorporate(request: {
    readonly workspaceId: string;
    readonly runId: string;
    readonly actor: Actor;
    readonly feedback?: string;
  }): Promise<Run> {
    const { workspaceId, runId, actor, feedback = "" } = request;
    const run = await this.#execution.get({ workspaceId, runId });
    const wait = openWait(run);
    if (wait === null || wait.on !== "review")
      throw new MillraceError("wait_closed", `run '${runId}' waits for no answers to a review`, { fix: "see it with: millrace show" });
    const items = await this.#store.reviews.items(workspaceId, wait.shown);
    const open = items.filter(({ status }) => status === "open");
    if (open.length > 0)
      throw new MillraceError(
        "validation",
        `${open.length} finding(s) are open: ${open.map(({ id, title }) => `${id} ${title}`).join("; ")}`.slice(0, 2000),
        {
          fix: "reply to each, resolve or dismiss it; see them with: millrace review",
          details: { open: open.length },
        },
      );
    return this.#execution.answer({
      workspaceId,
      runId,
      wait: wait.id,
      shown: wait.shown,
      actor,
      reply: { answer: "incorporate", feedback },
    });
  }

  async #item({ workspaceId, reviewId }: ReviewAddress, itemId: string): Promise<ReviewItem> {
    const item = (await this.#store.reviews.items(workspaceId, reviewId)).find(({ id }) => id === itemId);
    if (item === undefined) throw notFound("finding", itemId, "see them with: millrace review");
    return item;
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
