/** The GitHub adapter when GitHub is slow, wrong, busy or silent, and when concurrent changes come first. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, promisify } from "node:util";
import type { PullRequestRef } from "@millrace/contracts";
import { createCommandRunner } from "@millrace/executors";
import { createGitWorktrees } from "@millrace/integrations";
import { createGitHubForge } from "@millrace/integrations/github";
import { afterEach, describe, expect, it, vi } from "vitest";
import { BRANCH, baseTip, openWork } from "@millrace/testing/internal/forge-harness";
import { silentLog } from "@millrace/testing";
import { createGitHubHarness, forgeFor, type GitHubHarness } from "./harness.fixture.js";

const OPEN = "POST /repos/{owner}/{repo}/pulls";
const READ = "GET /repos/{owner}/{repo}/pulls/{pull_number}";
const BUTTON = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";
const MOVE = "PATCH /repos/{owner}/{repo}/git/refs/{ref}";
const COMMENT = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
const UPDATE = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch";

const sent = ({ hub }: GitHubHarness, operation: string): number => hub.exchanges.filter((one) => one.operation === operation).length;
const landings = async ({ project }: GitHubHarness): Promise<number> => {
  let [count, at] = [0, await project.tip("main")];
  for (; at !== null; count += 1) at = (await project.parents(at))[0] ?? null;
  return count - 1;
};

afterEach(() => {
  vi.useRealTimers();
});

describe("limits", () => {
  it("reject without being sent until GitHub gives them back", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, hub, clock } = harness;
    hub.leave(1, 600_000);
    await forge.findPullRequest(repository, BRANCH);
    const before = hub.exchanges.length;
    const refused = forge.findPullRequest(repository, "another");
    await expect(refused).rejects.toMatchObject({ code: "rate_limited", details: { limit: "primary", resetAt: expect.any(Number) } });
    await expect(forge.checks(repository, (await harness.tip("main")) ?? "")).rejects.toMatchObject({ code: "rate_limited" });
    expect(hub.exchanges).toHaveLength(before);
    clock.advance(602_000);
    expect(await forge.findPullRequest(repository, "another")).toBeNull();
  });

  it.each([
    [403, 30],
    [403, null],
    [429, null],
  ] as const)(
    "of the secondary kind (%s, retry after %s) do the same, and nothing is tried again in between",
    async (status, retryAfterS) => {
      await using harness = await createGitHubHarness();
      const { forge, repository, hub, clock } = harness;
      hub.plan(null, { does: "slow-down", status, retryAfterS });
      const at = clock.now();
      const failed = await forge.findPullRequest(repository, BRANCH).catch((error: unknown) => error);
      expect(failed).toMatchObject({
        code: "rate_limited",
        details: { limit: "secondary", resetAt: at + (retryAfterS === null ? 60_000 : 31_000) },
      });
      await expect(forge.findPullRequest(repository, BRANCH)).rejects.toMatchObject({ code: "rate_limited" });
      expect(hub.exchanges).toHaveLength(1);
      clock.advance(61_000);
      expect(await forge.findPullRequest(repository, BRANCH)).toBeNull();
    },
  );

  it("are not used up by looking again at what did not change", async () => {
    await using harness = await createGitHubHarness({ checks: ["unit"], settings: { rulesMaxAgeMs: 60_000 } });
    const { forge, repository, hub } = harness;
    const { pull, head } = await openWork(harness);
    harness.project.check(head, "unit", null);
    const readBoth = async () => [await forge.read(repository, pull), await forge.checks(repository, head)];
    const first = await readBoth();
    const before = hub.exchanges.length;
    for (let round = 0; round < 10; round += 1) expect(await readBoth()).toEqual(first);
    const later = hub.exchanges.slice(before);
    expect(later).toHaveLength(50);
    expect(later.filter(({ counted }) => counted)).toEqual([]);
    harness.project.check(head, "unit", "success");
    expect(await forge.checks(repository, head)).toMatchObject([{ name: "unit", conclusion: "success" }]);
    expect(hub.exchanges.slice(before).filter(({ counted }) => counted)).toHaveLength(1);
  });

  it.each([10, 50])("are left alone by %s open pull requests at rest", async (count) => {
    await using harness = await createGitHubHarness({ settings: { rulesMaxAgeMs: 60_000, batchThreshold: 1000 } });
    const { forge, repository, hub, project } = harness;
    const pulls: { readonly head: string; readonly pull: PullRequestRef }[] = [];
    for (let index = 0; index < count; index += 1) {
      const branch = `millrace/blk_${String(index)}`;
      const head = await project.commit(branch, {});
      pulls.push({ head, pull: await forge.openPullRequest(repository, { branch, title: branch, body: "" }) });
    }
    const sweep = () =>
      Promise.all(pulls.map(async ({ pull, head }) => [await forge.read(repository, pull), await forge.checks(repository, head)]));
    await sweep();
    const before = hub.exchanges.length;
    await sweep();
    const second = hub.exchanges.slice(before);
    expect(second.filter(({ counted }) => counted)).toEqual([]);
    expect(second).toHaveLength(5 * count);
  });

  it("see one request where many ask the same at the same moment", async () => {
    await using harness = await createGitHubHarness();
    const { pull } = await openWork(harness);
    const before = sent(harness, READ);
    await Promise.all(Array.from({ length: 5 }, () => harness.forge.read(harness.repository, pull)));
    expect(sent(harness, READ)).toBe(before + 1);
  });
});

describe("an answer that is wrong or missing", () => {
  it("is asked for again, when it was a read", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head } = await openWork(harness);
    harness.hub.plan(READ, { does: "fail", status: 502 }, 2);
    harness.hub.plan(READ, { does: "drop" }, 1);
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ state: "open", head });
  });

  it("is a passing failure when it stays away", async () => {
    await using harness = await createGitHubHarness();
    const { pull } = await openWork(harness);
    harness.hub.plan(READ, { does: "fail", status: 503 }, 4);
    await expect(harness.forge.read(harness.repository, pull)).rejects.toMatchObject({ code: "forge_failed", details: { status: 503 } });
  });

  it("to an opening is found in the world: one pull request", async () => {
    await using harness = await createGitHubHarness();
    await harness.commit(BRANCH, { "work.txt": "work\n" });
    harness.hub.plan(OPEN, { does: "drop-reply" });
    const pull = await harness.forge.openPullRequest(harness.repository, { branch: BRANCH, title: "Work", body: "" });
    expect(pull.number).toBe(1);
    expect(harness.project.pulls).toHaveLength(1);
  });

  it("to an opening that did not happen is a passing failure, sent once", async () => {
    await using harness = await createGitHubHarness();
    await harness.commit(BRANCH, { "work.txt": "work\n" });
    harness.hub.plan(OPEN, { does: "fail", status: 500 });
    const open = () => harness.forge.openPullRequest(harness.repository, { branch: BRANCH, title: "Work", body: "" });
    await expect(open()).rejects.toMatchObject({ code: "forge_failed" });
    expect(sent(harness, OPEN)).toBe(1);
    expect((await open()).number).toBe(1);
  });

  it.each([
    ["a move of the base", MOVE, false],
    ["a press of the merge button", BUTTON, true],
  ])("to %s is found: the merge happened once", async (_name, operation, guarded) => {
    await using harness = await createGitHubHarness();
    const { pull, head, base } = await openWork(harness);
    if (guarded) harness.project.protect("main", {});
    harness.hub.plan(operation, { does: "drop-reply" });
    const result = await harness.forge.merge(harness.repository, pull, { head, base }, "Merge");
    expect(result).toEqual({ is: "merged", commit: await baseTip(harness), head, base });
    expect(await landings(harness)).toBe(1);
  });

  it.each([
    ["a move of the base", MOVE, false],
    ["a press of the merge button", BUTTON, true],
  ])("to %s that did not happen is a passing failure; the next call merges", async (_name, operation, guarded) => {
    await using harness = await createGitHubHarness();
    const { pull, head, base } = await openWork(harness);
    if (guarded) harness.project.protect("main", {});
    harness.hub.plan(operation, { does: "drop" });
    const merge = () => harness.forge.merge(harness.repository, pull, { head, base }, "Merge");
    await expect(merge()).rejects.toMatchObject({ code: "forge_failed" });
    expect(await merge()).toMatchObject({ is: "merged" });
    expect(await landings(harness)).toBe(1);
  });

  it("to a comment does not make it twice", async () => {
    await using harness = await createGitHubHarness();
    const { pull } = await openWork(harness);
    harness.hub.plan(COMMENT, { does: "drop-reply" });
    const say = (key: string) => harness.forge.comment(harness.repository, pull, { key, body: "Two checks are red." });
    await expect(say("run_1/2/1")).rejects.toMatchObject({ code: "forge_failed" });
    const [first, again] = await Promise.all([say("run_1/2/1"), say("run_1/2/1")]);
    expect(first).toBe(again);
    expect(harness.project.comments(pull.number)).toHaveLength(1);
    expect(await say("run_1/2/2")).not.toBe(first);
    expect(harness.project.comments(pull.number).map(({ body }) => body.split("\n")[0])).toEqual([
      "Two checks are red.",
      "Two checks are red.",
    ]);
  });
});

describe("an outage", () => {
  it.each([
    ["errors", { does: "fail", status: 503 }],
    ["broken connections", { does: "drop" }],
  ] as const)("of %s is left alone after a few calls, and asked for an end by one call at a time", async (_what, fault) => {
    await using harness = await createGitHubHarness();
    const { forge, repository, hub, clock } = harness;
    hub.plan(null, fault, 1_000_000);
    const find = (branch: string) => forge.findPullRequest(repository, branch);
    const began = clock.now();
    for (const branch of ["a", "b"]) await expect(find(branch)).rejects.toMatchObject({ code: "forge_failed" });
    await expect(find("c")).rejects.toMatchObject({ code: "forge_down", details: { resetAt: began + 30_000 } });
    const asked = hub.faced;
    const refused = await Promise.all(["d", "e", "f"].map((branch) => find(branch).catch((error: unknown) => error)));
    expect(refused).toMatchObject([250, 500, 750].map((later) => ({ code: "forge_down", details: { resetAt: began + 30_000 + later } })));
    expect(hub.faced).toBe(asked);
    clock.advance(30_000);
    await Promise.all(["g", "h", "i"].map((branch) => expect(find(branch)).rejects.toMatchObject({ code: "forge_down" })));
    expect(hub.faced).toBe(asked + 1);
    clock.advance(59_999);
    await expect(find("j")).rejects.toMatchObject({ code: "forge_down" });
    expect(hub.faced).toBe(asked + 1);
    hub.heal();
    clock.advance(1);
    expect(await find("k")).toBeNull();
    expect(await Promise.all(["l", "m"].map(find))).toEqual([null, null]);
  });

  it("of a GitHub that nobody reaches is the same", async () => {
    await using harness = await createGitHubHarness();
    const { clock, repository, hub } = harness;
    const forge = forgeFor(hub, clock, { settings: { apiUrl: "http://127.0.0.1:1/api/v3" } });
    const find = () => forge.findPullRequest(repository, BRANCH);
    for (let calls = 0; calls < 2; calls += 1) await expect(find()).rejects.toMatchObject({ code: "forge_failed" });
    await expect(find()).rejects.toMatchObject({ code: "forge_down" });
  });

  it("is no refusal of a request, and none of a limit", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, hub } = harness;
    const gone = { id: "PR_0", number: 404, url: "u", branch: "b", base: "main" };
    for (let calls = 0; calls < 5; calls += 1) await expect(forge.read(repository, gone)).rejects.toMatchObject({ code: "not_found" });
    hub.plan(null, { does: "slow-down", status: 403, retryAfterS: 30 });
    for (let calls = 0; calls < 5; calls += 1) await expect(forge.read(repository, gone)).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("ends with the first answer: failures that are not in a row do not open the breaker", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, hub } = harness;
    for (let rounds = 0; rounds < 3; rounds += 1) {
      hub.plan(null, { does: "fail", status: 502 }, 8);
      for (let calls = 0; calls < 2; calls += 1)
        await expect(forge.findPullRequest(repository, BRANCH)).rejects.toMatchObject({ code: "forge_failed" });
      expect(await forge.findPullRequest(repository, BRANCH)).toBeNull();
    }
  });
});

describe("mergeability", () => {
  it("that GitHub has not computed is unknown, and asked for again", async () => {
    await using harness = await createGitHubHarness();
    const { pull } = await openWork(harness);
    harness.project.delayMergeability(2);
    await harness.commit("main", { "elsewhere.txt": "x\n" });
    const read = async () => (await harness.forge.read(harness.repository, pull)).mergeability;
    expect([await read(), await read(), await read()]).toEqual(["unknown", "unknown", "clean"]);
  });

  it("of a head that contains its base is clean, whatever GitHub has found out", async () => {
    await using harness = await createGitHubHarness();
    const { pull } = await openWork(harness);
    harness.project.delayMergeability(1000);
    await harness.commit(BRANCH, { "more.txt": "x\n" });
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ behind: false, mergeability: "clean" });
  });

  it("of a conflict is told without names, and an update changes nothing", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head } = await openWork(harness, { "app.txt": "ours\n" });
    harness.project.delayMergeability(2);
    await harness.commit("main", { "app.txt": "theirs\n" });
    expect(await harness.forge.updateBranch(harness.repository, pull, head)).toEqual({ is: "conflicted", files: [] });
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ mergeability: "conflicted", conflicts: [], behind: true });
    expect(await harness.tip(BRANCH)).toBe(head);
  });
});

describe("a push that the pull request does not show yet", () => {
  it("is the head all the same, and nothing is known of its mergeability", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head, base } = await openWork(harness);
    await harness.commit("main", { "elsewhere.txt": "x\n" });
    harness.project.delayHeads(1000);
    const pushed = await harness.commit(BRANCH, { "repaired.txt": "x\n" });
    expect(harness.project.pulls[0]?.head).toBe(head);
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ head: pushed, behind: true, mergeability: "unknown" });
    expect(await harness.forge.merge(harness.repository, pull, { head, base }, "Merge")).toMatchObject({
      is: "refused",
      because: "head-moved",
    });
    expect(await harness.forge.updateBranch(harness.repository, pull, head)).toEqual({ is: "head-moved" });
  });
});

describe("an update of the branch", () => {
  it("is waited for", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head } = await openWork(harness);
    harness.project.delayUpdates(3);
    await harness.commit("main", { "elsewhere.txt": "x\n" });
    const result = await harness.forge.updateBranch(harness.repository, pull, head);
    expect(result).toEqual({ is: "updated", head: await harness.tip(BRANCH) });
    expect(harness.waits.length).toBeGreaterThan(0);
  });

  it("that does not come is a passing failure", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head } = await openWork(harness);
    harness.project.delayUpdates(1000);
    await harness.commit("main", { "elsewhere.txt": "x\n" });
    await expect(harness.forge.updateBranch(harness.repository, pull, head)).rejects.toMatchObject({ code: "forge_failed" });
  });

  it("overtaken by a push says that the head moved", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head } = await openWork(harness);
    await harness.commit("main", { "elsewhere.txt": "x\n" });
    harness.hub.plan(UPDATE, { does: "first", act: () => harness.commit(BRANCH, { "late.txt": "x\n" }) });
    expect(await harness.forge.updateBranch(harness.repository, pull, head)).toEqual({ is: "head-moved" });
  });
});

describe("checks", () => {
  it("are read to the last page, check runs and statuses alike", async () => {
    await using harness = await createGitHubHarness();
    const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
    for (let index = 0; index < 230; index += 1) harness.project.check(head, `run ${String(index)}`, index === 229 ? "failure" : "success");
    for (let index = 0; index < 130; index += 1)
      harness.project.status(head, `status ${String(index)}`, index === 129 ? "error" : "success");
    const checks = await harness.forge.checks(harness.repository, head);
    expect(checks).toHaveLength(360);
    expect(checks.filter(({ conclusion }) => conclusion === "failure").map(({ name }) => name)).toEqual(["run 229", "status 129"]);
  });

  it.each([false, true])("that the base asks for are waited for (as a ruleset: %s)", async (ruleset) => {
    await using harness = await createGitHubHarness();
    const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
    harness.project.protect("main", { ruleset, required: [{ name: "unit" }, { name: "e2e", app: 7 }] });
    harness.project.check(head, "unit", "success");
    harness.project.check(head, "e2e", "success", { app: 8 });
    const open = async () =>
      (await harness.forge.checks(harness.repository, head)).filter(({ status }) => status !== "completed").map(({ name }) => name);
    expect(await open()).toEqual(["e2e"]);
    harness.project.check(head, "e2e", "success", { app: 7 });
    expect(await open()).toEqual([]);
  });
});

describe("a merge", () => {
  it("onto an unguarded base that moves in the last moment lands nothing", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head, base } = await openWork(harness);
    let moved = "";
    harness.hub.plan(MOVE, { does: "first", act: async () => (moved = await harness.commit("main", { "elsewhere.txt": "x\n" })) });
    expect(await harness.forge.merge(harness.repository, pull, { head, base }, "Merge")).toMatchObject({
      is: "refused",
      because: "base-moved",
    });
    expect(await baseTip(harness)).toBe(moved);
    expect(harness.project.pulls[0]?.state).toBe("open");
  });

  it("onto a strictly guarded base that moves in the last moment lands nothing", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head, base } = await openWork(harness);
    harness.project.protect("main", { strict: true });
    harness.hub.plan(BUTTON, { does: "first", act: () => harness.commit("main", { "elsewhere.txt": "x\n" }) });
    expect(await harness.forge.merge(harness.repository, pull, { head, base }, "Merge")).toMatchObject({
      is: "refused",
      because: "base-moved",
    });
    expect(await landings(harness)).toBe(1);
  });

  it("onto a loosely guarded base that moves in the last moment says on what it landed", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head, base } = await openWork(harness);
    harness.project.protect("main", {});
    let moved = "";
    harness.hub.plan(BUTTON, { does: "first", act: async () => (moved = await harness.commit("main", { "elsewhere.txt": "x\n" })) });
    const result = await harness.forge.merge(harness.repository, pull, { head, base }, "Merge");
    expect(result).toEqual({ is: "merged", commit: await baseTip(harness), head, base: moved });
  });

  it.each([
    ["guarded", {}, BUTTON],
    ["unguarded", null, MOVE],
  ] as const)("of a head that moves in the last moment (%s base) lands nothing that nobody saw", async (_name, guard, operation) => {
    await using harness = await createGitHubHarness();
    const { pull, head, base } = await openWork(harness);
    harness.project.protect("main", guard);
    harness.hub.plan(operation, { does: "first", act: () => harness.commit(BRANCH, { "unseen.txt": "nobody checked this\n" }) });
    const result = await harness.forge.merge(harness.repository, pull, { head, base }, "Merge");
    expect(Object.keys(await harness.files(await baseTip(harness)))).not.toContain("unseen.txt");
    expect(result).toMatchObject(guard === null ? { is: "merged", head } : { is: "refused", because: "head-moved" });
  });

  it("is refused while a required check is not green", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head, base } = await openWork(harness);
    harness.project.protect("main", { required: [{ name: "unit" }] });
    const merge = () => harness.forge.merge(harness.repository, pull, { head, base }, "Merge");
    expect(await merge()).toMatchObject({ is: "refused", because: "checks" });
    harness.project.check(head, "unit", "success");
    expect(await merge()).toMatchObject({ is: "merged" });
  });

  it("that GitHub is not ready for is a passing failure, and lands when it is", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head, base } = await openWork(harness);
    harness.project.protect("main", {});
    harness.project.delayHeads(12);
    const pushed = await harness.commit(BRANCH, { "more.txt": "x\n" });
    const merge = () => harness.forge.merge(harness.repository, pull, { head: pushed, base }, "Merge");
    await expect(merge()).rejects.toMatchObject({ code: "forge_failed", details: { status: 409 } });
    expect(await merge()).toMatchObject({ is: "merged", head: pushed, base });
    expect(head).not.toBe(pushed);
  });

  it("where the base is guarded by something unseen is done by GitHub's own call", async () => {
    await using harness = await createGitHubHarness({ settings: { rulesMaxAgeMs: 60_000 } });
    const { pull, head, base } = await openWork(harness);
    await harness.forge.checks(harness.repository, head);
    harness.project.protect("main", {});
    expect(await harness.forge.merge(harness.repository, pull, { head, base }, "Merge")).toMatchObject({ is: "merged", head, base });
    expect(sent(harness, BUTTON)).toBe(1);
  });

  it("squashed leaves the head's own tree, on the base alone", async () => {
    await using harness = await createGitHubHarness({ settings: { mergeMethod: "squash" } });
    const { pull, head, base } = await openWork(harness);
    const result = await harness.forge.merge(harness.repository, pull, { head, base }, "Merge the work\n\nMillrace-Run: run_1");
    const commit = await baseTip(harness);
    expect(result).toEqual({ is: "merged", commit, head, base });
    expect(await harness.parents(commit)).toEqual([base]);
    expect(await harness.files(commit)).toEqual(await harness.files(head));
    expect(await harness.project.message(commit)).toContain("Millrace-Run: run_1");
  });

  it("that GitHub has not noticed yet is waited for, not repeated", async () => {
    await using harness = await createGitHubHarness();
    const { pull, head, base } = await openWork(harness);
    harness.project.delayNotice(6);
    const merge = () => harness.forge.merge(harness.repository, pull, { head, base }, "Merge");
    const first = await merge();
    expect(harness.project.pulls[0]?.state).toBe("open");
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ state: "open", mergeability: "unknown" });
    await harness.restart();
    expect(await harness.forge.merge(harness.repository, pull, { head, base }, "Merge")).toEqual(first);
    expect(await landings(harness)).toBe(1);
  });

  it("deletes the branch where it is told to, and forgives that it is gone", async () => {
    await using harness = await createGitHubHarness({ settings: { deleteMergedBranches: true } });
    const { pull, head, base } = await openWork(harness);
    await harness.forge.merge(harness.repository, pull, { head, base }, "Merge");
    expect(await harness.tip(BRANCH)).toBeNull();
    await harness.forge.deleteBranch(harness.repository, BRANCH);
    expect(await harness.forge.merge(harness.repository, pull, { head, base }, "Merge")).toMatchObject({ is: "merged" });
  });
});

describe("an App", () => {
  it("asks for the installation's token once, and for another before it expires", async () => {
    await using harness = await createGitHubHarness({ as: "app" });
    const { forge, repository, hub, clock } = harness;
    await openWork(harness);
    await forge.findPullRequest(repository, "another");
    expect(hub.app.tokensMinted).toBe(1);
    clock.advance(56 * 60_000);
    await forge.findPullRequest(repository, BRANCH);
    expect(hub.app.tokensMinted).toBe(2);
  });

  it("whose token was revoked fails once, passing, and goes on with another", async () => {
    await using harness = await createGitHubHarness({ as: "app" });
    const { forge, repository, hub } = harness;
    await openWork(harness);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
    hub.revokeTokens();
    await expect(forge.findPullRequest(repository, "another")).rejects.toMatchObject({ code: "forge_failed" });
    expect(await forge.findPullRequest(repository, "another")).toBeNull();
  });

  it("that is not installed on a repository says so", async () => {
    await using harness = await createGitHubHarness({ as: "app" });
    const elsewhere = { ...harness.repository, id: "acme/elsewhere" };
    await expect(harness.forge.findPullRequest(elsewhere, BRANCH)).rejects.toMatchObject({ code: "repository_missing" });
  });
});

describe("git over http", () => {
  it.each(["token", "app"] as const)("clones and pushes with the credential of the %s, which stays out of the clone", async (as) => {
    await using harness = await createGitHubHarness({ as });
    const { forge, repository } = harness;
    const worktrees = createGitWorktrees({ remoteUrl: (of) => forge.cloneUrl(of), commands: createCommandRunner() });
    const folder = await mkdtemp(join(tmpdir(), "millrace-clone-"));
    const checkout = await worktrees.prepare({
      key: "k1",
      repository,
      branch: BRANCH,
      folder: join(folder, "work"),
      control: join(folder, "control"),
      mergeBase: false,
    });
    await promisify(execFile)("sh", ["-c", "echo more > more.txt"], { cwd: checkout.path });
    await worktrees.commitAll(checkout, "More");
    await worktrees.observe(checkout, null);
    const pushed = await worktrees.push(checkout);
    expect(pushed).toEqual({ is: "pushed", head: await harness.tip(BRANCH) });
    const secret = new URL(await forge.cloneUrl(repository)).password;
    const found = await promisify(execFile)("grep", ["-r", "-l", secret, folder]).catch(({ code }: { code: number }) => code);
    expect(found).toBe(1);
    await rm(folder, { recursive: true, force: true });
    const pull = await forge.openPullRequest(repository, { branch: BRANCH, title: "More", body: "" });
    expect(await forge.read(repository, pull)).toMatchObject({ head: pushed.is === "pushed" ? pushed.head : "", mergeability: "clean" });
  });
});

describe("the credential of git", () => {
  it("is on no command line, and what works in the clone has none", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, hub } = harness;
    const folder = await mkdtemp(join(tmpdir(), "millrace-argv-"));
    const said = join(folder, "said");
    // Logs every program that git starts, with its arguments.
    const traced = `#!/bin/sh\nGIT_TRACE=${said} GIT_TRACE_REDACT=0 PATH="\${PATH#*:}" exec git "$@"\n`;
    await mkdir(join(folder, "bin"));
    await writeFile(join(folder, "bin", "git"), traced, { mode: 0o755 });
    vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`);
    const worktrees = createGitWorktrees({ remoteUrl: (of) => forge.cloneUrl(of), commands: createCommandRunner() });
    const checkout = await worktrees.prepare({
      key: "k1",
      repository,
      branch: BRANCH,
      folder: join(folder, "work"),
      control: join(folder, "control"),
      mergeBase: false,
    });
    await writeFile(join(checkout.path, "more.txt"), "more\n");
    await worktrees.commitAll(checkout, "More");
    await worktrees.observe(checkout, null);
    expect(await worktrees.push(checkout)).toMatchObject({ is: "pushed" });
    await worktrees.diff({ repository, branch: BRANCH, maxChars: 1000 });
    vi.unstubAllEnvs();
    const commands = await readFile(said, "utf8");
    for (const command of ["clone", "ls-remote", "push", "fetch", "remote-http"]) expect(commands).toContain(command);
    for (const secret of [hub.token, Buffer.from(`x-access-token:${hub.token}`).toString("base64")]) expect(commands).not.toContain(secret);
    const inClone = (...args: string[]) =>
      promisify(execFile)("git", args, { cwd: checkout.path, env: { PATH: process.env["PATH"], GIT_TERMINAL_PROMPT: "0" } });
    expect((await inClone("config", "--list")).stdout).not.toMatch(/extraheader|x-access-token/i);
    await expect(inClone("ls-remote", "origin")).rejects.toMatchObject({ code: 128 });
    await rm(folder, { recursive: true, force: true });
  });
});

describe("secrets", () => {
  it.each(["token", "app"] as const)("of the %s never reach an error", async (as) => {
    await using harness = await createGitHubHarness({ as });
    const { forge, repository, hub } = harness;
    const { pull, head, base } = await openWork(harness);
    const token = new URL(await forge.cloneUrl(repository)).password;
    const errors: unknown[] = [];
    const keep = async (call: Promise<unknown>): Promise<void> => void errors.push(await call.catch((error: unknown) => error));
    // Octokit waits for five seconds before it uses a new token.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
    hub.plan(null, { does: "refuse-login" });
    await keep(forge.read(repository, pull));
    hub.plan(READ, { does: "fail", status: 500 }, 4);
    await keep(forge.read(repository, pull));
    hub.plan(READ, { does: "drop" }, 4);
    await keep(forge.read(repository, pull));
    hub.plan(COMMENT, { does: "drop-reply" });
    await keep(forge.comment(repository, pull, { key: "k", body: "text" }));
    await keep(forge.checks(repository, "0".repeat(40)));
    await keep(forge.merge({ ...repository, id: "acme/none" }, pull, { head, base }, "Merge"));
    hub.plan(null, { does: "slow-down", status: 403, retryAfterS: 5 });
    await keep(forge.checks(repository, head));
    expect(errors.map((error) => (error instanceof Error ? error.name : typeof error))).toEqual(errors.map(() => "MillraceError"));
    const shown = errors.map((error) => inspect(error, { depth: 20, showHidden: true })).join("\n");
    for (const secret of [token, hub.token, ...(as === "app" ? [hub.app.privateKey.slice(40, 120)] : []), "authorization"])
      expect(shown).not.toContain(secret);
  });

  it("that cannot be right are refused without being quoted", async () => {
    await using harness = await createGitHubHarness();
    const { clock } = harness;
    const make = (privateKey: string) => () =>
      createGitHubForge({ auth: { as: "app", appId: 1, privateKey }, clock, log: silentLog, wait: () => Promise.resolve() });
    const error = await Promise.resolve()
      .then(make("s3cret, but no key"))
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "config_invalid" });
    expect(inspect(error, { depth: 20 })).not.toContain("s3cret");
  });

  it("that GitHub does not accept are a final error", async () => {
    await using harness = await createGitHubHarness();
    const stranger = forgeFor({ ...harness.hub, token: "ghp_wrongwrongwrong" }, harness.clock);
    await expect(stranger.findPullRequest(harness.repository, BRANCH)).rejects.toMatchObject({ code: "forge_refused" });
  });
});
