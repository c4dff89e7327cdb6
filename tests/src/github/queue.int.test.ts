/** Merging through GitHub's merge queue, which lands a change later, together with others, or not at all. */
import { describe, expect, it } from "vitest";
import { BRANCH, baseTip, openWork } from "@millrace/testing/internal/forge-harness";
import { createGitHubHarness, forgeFor, type ForgeSettings, type GitHubHarness } from "./harness.fixture.js";

const ENQUEUE = "GRAPHQL MillraceEnqueue";
const DEQUEUE = "GRAPHQL MillraceDequeue";
const sent = ({ hub }: GitHubHarness, operation: string): number => hub.exchanges.filter((one) => one.operation === operation).length;

/** An open pull request whose base accepts changes only through its merge queue. */
async function queued(guard: { readonly ruleset: boolean } = { ruleset: true }, settings: ForgeSettings = {}) {
  const harness = await createGitHubHarness({ settings });
  const work = await openWork(harness);
  harness.project.protect("main", { ...guard, mergeQueue: true, required: [{ name: "unit" }] });
  harness.project.check(work.head, "unit", "success");
  const askedAt = harness.clock.now();
  const merge = () => harness.forge.merge(harness.repository, work.pull, { head: work.head, base: work.base }, "Merge", askedAt);
  return { harness, ...work, merge, [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose]() };
}

describe("a merge queue", () => {
  it.each([{ ruleset: true }, { ruleset: false }])("takes the change once, and tells later that it landed (%o)", async (guard) => {
    await using work = await queued(guard);
    const { harness, pull, head, base, merge } = work;
    expect(await merge()).toMatchObject({ is: "sent", message: expect.stringContaining("position 1") });
    expect(await merge()).toMatchObject({ is: "sent" });
    const commit = await harness.project.landQueued(pull.number);
    expect(await merge()).toEqual({ is: "merged", commit, head, base });
    expect(sent(harness, ENQUEUE)).toBe(1);
    expect(await baseTip(harness)).toBe(commit);
  });

  it("lands the head on what its base is by then, and the result says so", async () => {
    await using work = await queued();
    const { harness, pull, head, merge } = work;
    await merge();
    const before = await harness.commit("main", { "elsewhere.txt": "x\n" });
    expect(await merge()).toMatchObject({ is: "sent" });
    const commit = await harness.project.landQueued(pull.number);
    expect(await merge()).toEqual({ is: "merged", commit, head, base: before });
  });

  it("takes a change whose base moved since it was judged: what lands is tested together", async () => {
    await using work = await queued();
    await work.harness.commit("main", { "elsewhere.txt": "x\n" });
    expect(await work.merge()).toMatchObject({ is: "sent" });
  });

  it.each([
    ["FAILED_CHECKS", "checks"],
    ["MERGE_CONFLICT", "conflicted"],
  ])("that takes it out (%s) refuses it with its reason, and it is not handed in again", async (reason, because) => {
    await using work = await queued();
    const { harness, pull, merge } = work;
    await merge();
    harness.clock.advance(60_000);
    harness.project.dropQueued(pull.number, reason);
    for (let round = 0; round < 2; round += 1)
      expect(await merge()).toEqual({ is: "refused", because, message: `GitHub took it out of the merge queue: ${reason}` });
    expect(sent(harness, ENQUEUE)).toBe(1);
  });

  it("that took it out for an earlier merge takes it for a later one", async () => {
    await using work = await queued();
    const { harness, pull, head, base, merge } = work;
    await merge();
    harness.project.dropQueued(pull.number, "FAILED_CHECKS");
    harness.clock.advance(60_000);
    const again = harness.forge.merge(harness.repository, pull, { head, base }, "Merge", harness.clock.now());
    expect(await again).toMatchObject({ is: "sent" });
  });

  it("lets go of a head that was pushed over", async () => {
    await using work = await queued();
    const { harness, merge } = work;
    await merge();
    await harness.commit(BRANCH, { "late.txt": "x\n" });
    expect(await merge()).toMatchObject({ is: "refused", because: "head-moved" });
    expect(sent(harness, ENQUEUE)).toBe(1);
  });

  it("is not given a head that is pushed over in the last moment", async () => {
    await using work = await queued();
    const { harness, merge } = work;
    harness.hub.plan(ENQUEUE, { does: "first", act: () => harness.commit(BRANCH, { "late.txt": "x\n" }) });
    expect(await merge()).toMatchObject({ is: "refused", because: "head-moved" });
    expect(harness.project.pulls[0]?.queue.since).toBeNull();
  });

  it("does not take what a rule forbids, in GitHub's words", async () => {
    await using work = await queued();
    work.harness.project.check(work.head, "unit", "failure");
    expect(await work.merge()).toEqual({
      is: "refused",
      because: "checks",
      message: `GitHub's merge queue does not take it: Required status check "unit" is expected.`,
    });
  });

  it("whose answer was lost has it all the same", async () => {
    await using work = await queued();
    const { harness, merge } = work;
    harness.hub.plan(ENQUEUE, { does: "drop-reply" });
    await expect(merge()).rejects.toMatchObject({ code: "forge_failed" });
    expect(await merge()).toMatchObject({ is: "sent" });
    expect(harness.project.pulls[0]?.queue.past).toHaveLength(1);
  });

  it.each([true, false])("that GraphQL's limit keeps from being asked parks the run (paced: %s)", async (throttleWrites) => {
    await using work = await queued(undefined, { throttleWrites });
    const { harness, merge } = work;
    harness.hub.leave(0, 600_000, "graphql");
    for (let calls = 0; calls < 2; calls += 1)
      await expect(merge()).rejects.toMatchObject({ code: "rate_limited", details: { limit: "primary", resetAt: expect.any(Number) } });
    expect(harness.hub.exchanges.filter(({ resource }) => resource === "graphql")).toHaveLength(1);
    harness.clock.advance(602_000);
    harness.hub.leave(1, 600_000, "graphql");
    // The status query uses the last request, so nothing is enqueued.
    await expect(merge()).rejects.toMatchObject({ code: "rate_limited" });
    expect(harness.project.pulls[0]?.queue.past).toEqual([]);
    harness.clock.advance(602_000);
    expect(await merge()).toMatchObject({ is: "sent" });
  });

  it("is asked about after a restart, too", async () => {
    await using work = await queued();
    const { harness, pull, head, base, merge } = work;
    const askedAt = harness.clock.now();
    await merge();
    const other = forgeFor(harness.hub, harness.clock);
    const ask = () => other.merge(harness.repository, pull, { head, base }, "Merge", askedAt);
    expect(await ask()).toMatchObject({ is: "sent" });
    harness.project.dropQueued(pull.number, "MANUAL");
    expect(await ask()).toMatchObject({ is: "refused", because: "checks" });
  });

  it("gives back what is withdrawn, once", async () => {
    await using work = await queued();
    const { harness, pull, merge } = work;
    await merge();
    await harness.forge.withdraw(harness.repository, pull);
    expect(harness.project.pulls[0]?.queue.since).toBeNull();
    await harness.forge.withdraw(harness.repository, pull);
    expect(sent(harness, DEQUEUE)).toBe(1);
  });

  it("does not give back what it is merging: the withdrawal fails until that has landed", async () => {
    await using work = await queued();
    const { harness, pull, merge } = work;
    await merge();
    harness.project.lockQueued(pull.number);
    await expect(harness.forge.withdraw(harness.repository, pull)).rejects.toMatchObject({ code: "forge_failed" });
    await harness.project.landQueued(pull.number);
    await harness.forge.withdraw(harness.repository, pull);
    expect(await merge()).toMatchObject({ is: "merged" });
  });
});
