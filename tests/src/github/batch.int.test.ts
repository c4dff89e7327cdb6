/** The batched status query: what it saves, and that no change is seen later or differently because of it. */
import type { CommitSha, PullRequestRef } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { createGitHubHarness, type GitHubHarness } from "./harness.fixture.js";

const COUNT = 6;
const POLL_MS = 30_000;
const QUERY = "GRAPHQL MillracePullRequestStatuses";

interface Open {
  readonly head: CommitSha;
  readonly pull: PullRequestRef;
}
const settings = { rulesMaxAgeMs: 3_600_000, batchThreshold: 3 };

/** Pull requests that were polled often enough to be part of the batched query. */
async function watched(harness: GitHubHarness): Promise<readonly Open[]> {
  const open: Open[] = [];
  for (let index = 0; index < COUNT; index += 1) {
    const branch = `millrace/blk_${String(index)}`;
    const head = await harness.commit(branch, {});
    harness.project.check(head, "unit", null);
    open.push({ head, pull: await harness.forge.openPullRequest(harness.repository, { branch, title: branch, body: "" }) });
  }
  for (let round = 0; round < 3; round += 1) await poll(harness, open);
  return open;
}

const readPull = async ({ forge, repository }: GitHubHarness, { pull }: Open) => {
  const state = await forge.read(repository, pull);
  return { state, checks: await forge.checks(repository, state.head) };
};

/** Reads every pull request once, in turn, one poll interval after the last time. */
async function poll(harness: GitHubHarness, open: readonly Open[]) {
  harness.clock.advance(POLL_MS);
  const seen = [];
  for (const one of open) seen.push(await readPull(harness, one));
  return seen;
}

/** Operations that are sent while `act` runs. */
async function sent(harness: GitHubHarness, act: () => Promise<unknown>): Promise<readonly string[]> {
  const before = harness.hub.exchanges.length;
  await act();
  return harness.hub.exchanges.slice(before).map(({ operation }) => operation);
}

describe("pull requests that are looked at again and again", () => {
  it("are one query while nothing changes, and say what they said", async () => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    const before = await poll(harness, open);
    expect(await sent(harness, async () => expect(await poll(harness, open)).toEqual(before))).toEqual([QUERY]);
  });

  it("are not asked about any more when nobody looks at them", async () => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    const asked = () => JSON.stringify(harness.hub.exchanges.findLast(({ operation }) => operation === QUERY)?.requestBody);
    const [left, ...others] = open.toReversed();
    await poll(harness, others);
    expect(asked()).toContain(left?.pull.id);
    for (let round = 0; round < 2; round += 1) await poll(harness, others);
    expect(asked()).not.toContain(left?.pull.id);
    for (const { pull } of others) expect(asked()).toContain(pull.id);
  });

  it("are read where something changed, and nowhere else", async () => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    harness.project.check(open[1]?.head ?? "", "unit", "success");
    harness.project.status(open[2]?.head ?? "", "legacy", "pending");
    const pushed = await harness.commit("millrace/blk_3", {});
    let seen: Awaited<ReturnType<typeof poll>> = [];
    const operations = await sent(harness, async () => (seen = await poll(harness, open)));
    expect(seen[1]?.checks).toMatchObject([{ name: "unit", conclusion: "success" }]);
    expect(seen[2]?.checks.map(({ name }) => name)).toEqual(["unit", "legacy"]);
    expect(seen[3]).toMatchObject({ state: { head: pushed }, checks: [] });
    // Two pull requests whose checks changed need 2 reads each; one whose head moved needs all 5.
    expect(operations.filter((one) => one !== QUERY)).toHaveLength(2 + 2 + 5);
  });

  it("see a base that moved, and a pull request that was closed", async () => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    harness.project.close(open[0]?.pull.number ?? 0);
    const base = await harness.commit("main", { "elsewhere.txt": "x\n" });
    const seen = await poll(harness, open);
    expect(seen[0]?.state.state).toBe("closed");
    for (const { state } of seen.slice(1)) expect(state).toMatchObject({ baseHead: base, behind: true, mergeability: "clean" });
  });

  it("are asked for anew by a caller that asks twice: what was read ahead is given out once", async () => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    await poll(harness, open);
    const [one] = open;
    if (one === undefined) throw new RangeError("none");
    harness.project.check(one.head, "unit", "failure");
    expect((await readPull(harness, one)).checks).toMatchObject([{ conclusion: "failure" }]);
  });

  it("are asked for anew after a change was reported", async () => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    harness.clock.advance(POLL_MS);
    const [first, second] = open;
    if (first === undefined || second === undefined) throw new RangeError("none");
    await readPull(harness, first);
    harness.project.check(second.head, "unit", "success");
    harness.forge.expire();
    expect((await readPull(harness, second)).checks).toMatchObject([{ conclusion: "success" }]);
  });

  it("are asked for anew after a write of our own", async () => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    await harness.commit("main", { "elsewhere.txt": "x\n" });
    await poll(harness, open);
    harness.clock.advance(POLL_MS);
    const [first, second] = open;
    if (first === undefined || second === undefined) throw new RangeError("none");
    await readPull(harness, first);
    const updated = await harness.forge.updateBranch(harness.repository, second.pull, second.head);
    expect((await readPull(harness, second)).state).toMatchObject({ head: updated.is === "updated" ? updated.head : "", behind: false });
  });

  it("are not read ahead for longer than a few seconds", async () => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    harness.clock.advance(POLL_MS);
    const [first, second] = open;
    if (first === undefined || second === undefined) throw new RangeError("none");
    await readPull(harness, first);
    harness.project.check(second.head, "unit", "success");
    harness.clock.advance(5001);
    expect((await readPull(harness, second)).checks).toMatchObject([{ conclusion: "success" }]);
  });

  it("are read to the last page where a query cannot hold their checks", async () => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    const head = open[0]?.head ?? "";
    for (let index = 0; index < 120; index += 1) harness.project.check(head, `run ${String(index)}`, "success");
    await poll(harness, open);
    harness.project.check(head, "run 119", "failure");
    const [first] = await poll(harness, open);
    expect(first?.checks.filter(({ conclusion }) => conclusion === "failure").map(({ name }) => name)).toEqual(["run 119"]);
  });

  it("are read by themselves when one of GitHub's two sides is behind the other", async () => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    harness.project.delayHeads(1000);
    const pushed = await harness.commit("millrace/blk_0", {});
    for (let polls = 0; polls < 2; polls += 1) expect((await poll(harness, open))[0]?.state).toMatchObject({ head: pushed });
  });
});

describe("without the query", () => {
  it.each([
    ["its limit is used up", (harness: GitHubHarness) => harness.hub.leave(0, 600_000, "graphql")],
    ["it fails", (harness: GitHubHarness) => harness.hub.plan(QUERY, { does: "fail", status: 502 }, 4)],
  ])("because %s, each is read by itself, for nothing while nothing changes", async (_why, break_) => {
    await using harness = await createGitHubHarness({ settings });
    const open = await watched(harness);
    break_(harness);
    await poll(harness, open);
    const before = harness.hub.exchanges.length;
    harness.project.check(open[4]?.head ?? "", "unit", "success");
    expect((await poll(harness, open))[4]?.checks).toMatchObject([{ conclusion: "success" }]);
    const after = harness.hub.exchanges.slice(before);
    expect(after.map(({ operation }) => operation)).not.toContain(QUERY);
    expect(after.filter(({ counted }) => counted)).toHaveLength(1);
  });

  it("because there are few, each is read by itself", async () => {
    await using harness = await createGitHubHarness({ settings: { ...settings, batchThreshold: COUNT + 1 } });
    const open = await watched(harness);
    const operations = await sent(harness, () => poll(harness, open));
    expect(operations).not.toContain(QUERY);
    expect(operations).toHaveLength(5 * COUNT);
  });
});
