import type { eventsOfReviews, FindingAnswer, Review, ReviewItem } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { z } from "zod";

/** What happened to a review, as one line. */
export function describeReviewEvent(event: z.infer<(typeof eventsOfReviews)[number]>): string {
  return `finding ${event.findingId} of review ${event.reviewId} is ${event.status}`;
}

/** What an answer makes of a finding. A reply to an open finding answers it; one to a closed finding leaves it closed. */
export function answered(
  { status, reply }: Pick<ReviewItem, "status" | "reply">,
  answer: FindingAnswer,
): Pick<ReviewItem, "status" | "reply"> {
  switch (answer.do) {
    case "reply":
      return { status: status === "open" ? "answered" : status, reply: answer.text };
    case "resolve":
      return { status: "resolved", reply };
    case "dismiss":
      return { status: "dismissed", reply };
    case "reopen":
      return { status: "open", reply };
  }
}

/** The review that was made last; null when there is none. */
export function newest(reviews: readonly (Review | null)[]): Review | null {
  return reviews.filter((review) => review !== null).toSorted((a, b) => b.createdAt - a.createdAt)[0] ?? null;
}

/**
 * Answers are folded in only when every finding has one.
 * @throws MillraceError `validation` with `details.open`.
 */
export function requireAllAnswered(items: readonly ReviewItem[]): void {
  const open = items.filter(({ status }) => status === "open");
  if (open.length === 0) return;
  const named = open.map(({ id, title }) => `${id} ${title}`).join("; ");
  throw new MillraceError("validation", `${open.length} finding(s) are open: ${named}`.slice(0, 2000), {
    fix: "reply to each, resolve or dismiss it; see them with: millrace review <run>",
    details: { open: open.length },
  });
}
