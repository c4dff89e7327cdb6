import type { Review, ReviewItem } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { answered, describeReviewEvent, newest, requireAllAnswered } from "./reviews.logic.js";

function review(id: string, createdAt: number): Review {
  return {
    id,
    workspaceId: "ws",
    blockId: "blk",
    runId: "run",
    kind: "requirements-review",
    iteration: 1,
    status: "ready",
    document: null,
    description: "d",
    model: null,
    createdAt,
  };
}

function finding(id: string, status: ReviewItem["status"]): ReviewItem {
  return {
    id,
    workspaceId: "ws",
    reviewId: "rev",
    position: 0,
    status,
    reply: null,
    category: "gap",
    severity: "low",
    title: `title of ${id}`,
    detail: "d",
  };
}

describe("an answer to a finding", () => {
  it.each([
    [{ do: "reply", text: "yes" }, "open", { status: "answered", reply: "yes" }],
    [{ do: "reply", text: "yes" }, "resolved", { status: "resolved", reply: "yes" }],
    [{ do: "resolve" }, "open", { status: "resolved", reply: "before" }],
    [{ do: "dismiss" }, "answered", { status: "dismissed", reply: "before" }],
    [{ do: "reopen" }, "dismissed", { status: "open", reply: "before" }],
  ] as const)("%j on a finding that is %s", (answer, status, expected) => {
    expect(answered({ status, reply: "before" }, answer)).toEqual(expected);
  });

  it("is told as what the finding is now", () => {
    expect(
      describeReviewEvent({ type: "finding-answered", blockId: "blk", reviewId: "rev_1", findingId: "fnd_1", status: "resolved" }),
    ).toBe("finding fnd_1 of review rev_1 is resolved");
  });
});

describe("a review", () => {
  it("of several kinds, the one made last is the latest", () => {
    expect(newest([review("a", 5), null, review("b", 9), review("c", 7)])?.id).toBe("b");
    expect(newest([null])).toBeNull();
  });

  it("is folded in once no finding is open: the refusal names those that are, and counts them", () => {
    requireAllAnswered([finding("a", "answered"), finding("b", "dismissed"), finding("c", "resolved")]);
    const refused = (): void => requireAllAnswered([finding("a", "open"), finding("b", "answered"), finding("c", "open")]);
    expect(refused).toThrow(MillraceError);
    expect(refused).toThrow(/2 finding\(s\) are open: a title of a; c title of c/);
    expect(refused).toThrow(expect.objectContaining({ code: "validation", details: { open: 2 } }));
  });
});
