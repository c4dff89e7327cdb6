/** The operations on reviews, through the door. */
import { localOwner } from "@millrace/orchestration";
import { testUser, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";
import { begun, clean, pass, reviewHost } from "../engine/review.fixture.js";

const owner = localOwner(testUser);
const block = (host: TestHost) => ({ workspaceId: host.workspace.id, blockId: host.task.id });
const address = (host: TestHost, runId: string) => ({ workspaceId: host.workspace.id, runId });

async function reviewed(...rounds: Parameters<typeof reviewHost>[0][]) {
  const host = await reviewHost(rounds as never);
  const runId = await begun(host);
  return { host, runId };
}

async function findings(host: TestHost, runId: string) {
  const found = await host.call("reviews.ofRun", owner, address(host, runId));
  if (found === null) throw new Error("no review");
  return found;
}

async function answerAll(host: TestHost, runId: string) {
  const { review, items } = await findings(host, runId);
  for (const { id } of items)
    await host.call("reviews.answer", owner, {
      workspaceId: host.workspace.id,
      reviewId: review.id,
      itemId: id,
      answer: { do: "reply", text: "so it is" },
    });
}

describe("reviews", () => {
  it("RVW-01 shows the last review of a block and of a run, the worst finding first, and null when there was none", async () => {
    const { host, runId } = await reviewed(pass("a gap", "another"));
    const latest = await host.call("reviews.latest", owner, block(host));
    expect(latest).toEqual(await findings(host, runId));
    expect(latest?.items.map(({ title }) => title)).toEqual(["a gap", "another"]);
    const other = await reviewHost(clean);
    expect(await other.call("reviews.latest", owner, block(other))).toBeNull();
  });

  it("RVW-02 keeps every iteration with its findings and answers", async () => {
    const { host, runId } = await reviewed(pass("a gap"), pass("a second gap"));
    await answerAll(host, runId);
    await host.call("reviews.incorporate", owner, address(host, runId));
    await host.drive();
    const kind = "requirements-review";
    const { items, nextAfter } = await host.call("reviews.history", owner, { ...block(host), kind, limit: 1 });
    expect(items.map(({ review }) => review.iteration)).toEqual([2]);
    const older = await host.call("reviews.history", owner, { ...block(host), kind, limit: 5, after: nextAfter ?? "" });
    expect(older).toMatchObject({
      nextAfter: null,
      items: [{ review: { iteration: 1 }, items: [{ reply: "so it is", status: "answered" }] }],
    });
  });

  it("RVW-03 takes an answer to one finding, and none once the review is over", async () => {
    const { host, runId } = await reviewed(pass("a gap"), clean);
    await answerAll(host, runId);
    const { review, items } = await findings(host, runId);
    expect(items[0]).toMatchObject({ status: "answered", reply: "so it is" });
    await host.call("reviews.incorporate", owner, address(host, runId));
    await host.drive();
    const late = { reviewId: review.id, itemId: items[0]?.id ?? "", answer: { do: "dismiss" } as const };
    await expect(host.call("reviews.answer", owner, { workspaceId: host.workspace.id, ...late })).rejects.toMatchObject({
      code: "review_frozen",
    });
  });

  it("RVW-04 folds nothing in while a finding is open, and says how many are", async () => {
    const { host, runId } = await reviewed(pass("a gap", "another"), clean);
    const before = await host.run(runId);
    await expect(host.call("reviews.incorporate", owner, address(host, runId))).rejects.toMatchObject({
      code: "validation",
      details: { open: 2 },
    });
    expect(await host.run(runId)).toEqual(before);
    await answerAll(host, runId);
    await host.call("reviews.incorporate", owner, address(host, runId));
    await host.drive();
    expect((await host.run(runId)).phase.is).toBe("done");
  });

  it("RVW-05 goes on with exactly the findings that were seen, and grants a round only to a review that used up its own", async () => {
    const { host, runId } = await reviewed(pass("a gap"));
    const proceed = (subject: string) => host.call("reviews.proceed", owner, { ...address(host, runId), subject });
    await expect(proceed("something else")).rejects.toMatchObject({ code: "digest_mismatch" });
    await expect(host.call("reviews.extraRound", owner, address(host, runId))).rejects.toMatchObject({ code: "wait_mismatch" });
    const { run } = await host.call("runs.view", owner, address(host, runId));
    await proceed(run.wait?.subject ?? "");
    await host.drive();
    expect((await host.run(runId)).phase.is).toBe("done");
  });

  it("RVW-06 reviews a task off the path of a build, for a product person too, and never beside a live run", async () => {
    const host = await reviewHost(pass("a gap"), { pipeline: { steps: [{ kind: "requirements-review" }] } });
    const product = { ...owner, grants: { ...owner.grants, withoutAccount: ["product"] as const } };
    const start = { ...block(host), pipelineId: host.pipeline.id };
    const { id } = await host.call("runs.start", product, start, { key: "k" });
    await host.drive();
    expect((await host.call("runs.view", product, address(host, id))).run.wait?.on).toBe("review");
    await expect(host.call("runs.start", product, start, { key: "k2" })).rejects.toMatchObject({ code: "run_in_progress" });
  });
});
