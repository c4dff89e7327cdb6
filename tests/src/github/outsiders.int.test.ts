/** What other people and GitHub itself do while a run works: nothing merges elsewhere, and what exists is found. */
import { BRANCH, baseTip, openWork } from "@millrace/testing/internal/forge-harness";
import { describe, expect, it } from "vitest";
import { createGitHubHarness } from "./harness.fixture.js";

const COMPARE = "GET /repos/{owner}/{repo}/compare/{basehead}";

describe("the pull request of a run", () => {
  it("F:A1 that a person retargeted says so, and neither merges nor is updated", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    const { pull, head, base } = await openWork(harness);
    await project.commit("release", { "release.txt": "x\n" });
    const release = await project.tip("release");
    await project.outsiders.retarget(pull.number, "release");
    expect(await forge.read(repository, pull)).toMatchObject({ state: "open", base: "release", head });
    expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ is: "refused", because: "not-allowed" });
    await expect(forge.updateBranch(repository, pull, head)).rejects.toMatchObject({ code: "forge_refused" });
    expect(await forge.findPullRequest(repository, BRANCH)).toBeNull();
    expect([await baseTip(harness), await project.tip("release")]).toEqual([base, release]);
  });

  it("F:A1 that was merged into another base is no merge of the run", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    const { pull, head, base } = await openWork(harness);
    await project.commit("release", { "release.txt": "x\n" });
    await project.outsiders.retarget(pull.number, "release");
    await project.outsiders.mergeByHand(pull.number, "merge");
    expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ is: "refused", because: "not-allowed" });
    expect(await forge.read(repository, pull)).toMatchObject({ state: "merged", base: "release" });
    expect(await forge.findMerged(repository, BRANCH)).toBeNull();
  });

  it("F:A1 is retargeted between two polls of a batch, and the next read says so", async () => {
    await using harness = await createGitHubHarness({ settings: { batchThreshold: 1 } });
    const { forge, repository, project } = harness;
    const { pull, base } = await openWork(harness);
    await project.point("release", base);
    expect(await forge.read(repository, pull)).toMatchObject({ base: "main" });
    expect(await forge.read(repository, pull)).toMatchObject({ base: "main" });
    await project.outsiders.retarget(pull.number, "release");
    expect(await forge.read(repository, pull)).toMatchObject({ base: "release" });
  });

  it("F:A1 is not that of a fork's branch of the same name", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    const foreign = await project.commit("somebody", { "foreign.txt": "x\n" });
    const fork = await project.outsiders.openFromFork(BRANCH, "main", foreign);
    expect(await forge.findPullRequest(repository, BRANCH)).toBeNull();
    const { pull, base } = await openWork(harness);
    expect(pull.number).not.toBe(fork.number);
    expect(await forge.read(repository, fork)).toMatchObject({ headRepository: "acme/project-fork", head: foreign });
    expect(await forge.merge(repository, fork, { head: foreign, base }, "Merge")).toMatchObject({ is: "refused", because: "not-allowed" });
  });

  it("F:A1 whose base was renamed merges into neither name, and its rules are not read for the new one", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    const { pull, head, base } = await openWork(harness);
    project.protect("main", { required: [{ name: "unit" }] });
    await project.outsiders.renameBranch("main", "trunk");
    await expect(forge.merge(repository, pull, { head, base }, "Merge")).rejects.toMatchObject({ code: "forge_refused" });
    await expect(forge.checks(repository, head)).rejects.toMatchObject({ code: "forge_refused" });
    expect(await project.tip("trunk")).toBe(base);
  });

  it("F:A1 that GitHub does not open beside one to another base is refused with both named, and the other is left alone", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project, hub } = harness;
    await harness.commit(BRANCH, { "work.txt": "work\n" });
    await project.commit("release", { "release.txt": "x\n" });
    await project.outsiders.open(BRANCH, "release");
    hub.plan("POST /repos/{owner}/{repo}/pulls", { does: "answer", status: 422 }, 5);
    await expect(forge.openPullRequest(repository, { branch: BRANCH, title: "Work", body: "" })).rejects.toMatchObject({
      code: "forge_refused",
      details: { base: "main", openTo: "release" },
    });
    expect(project.pulls).toMatchObject([{ base: "release", state: "open" }]);
  });

  it("F:A1 that was closed is opened anew, and one that was reopened goes on", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    const { pull, head, base } = await openWork(harness);
    await project.outsiders.close(pull.number);
    expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ is: "refused", because: "not-open" });
    await project.outsiders.reopen(pull.number);
    expect(await forge.findPullRequest(repository, BRANCH)).toMatchObject({ number: pull.number });
    expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ is: "merged", head, base });
  });
});

describe("a merge by hand", () => {
  it.each(["merge", "squash", "fast-forward"] as const)("F:A6 as a %s has the base before it on record", async (how) => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    const { pull, base } = await openWork(harness);
    const head = await harness.commit(BRANCH, { "more.txt": "more\n" });
    const commit = await project.outsiders.mergeByHand(pull.number, how);
    expect(await forge.read(repository, pull)).toMatchObject({ state: "merged", head, mergedAs: commit, mergedBase: base });
    expect(await forge.findMerged(repository, BRANCH)).toEqual({ pullRequest: pull, commit, head, base });
  });
});

describe("a base with GitHub's own merge queue", () => {
  it.each([true, false])("F:C1 is told by the state of a pull request (ruleset: %s)", async (ruleset) => {
    await using harness = await createGitHubHarness();
    const { pull } = await openWork(harness);
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ ownQueue: false });
    harness.project.protect("main", { mergeQueue: true, ruleset });
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ ownQueue: true });
  });
});

describe("a check", () => {
  it("F:A4 that must come from an App is seen when the App reports it as a commit status, and from no one else", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    const { head } = await openWork(harness);
    project.protect("main", { required: [{ name: "ci/x", app: 42 }] });
    const unfinished = expect.objectContaining({ name: "ci/x", status: "queued" });
    project.status(head, "ci/x", "success");
    expect(await forge.checks(repository, head)).toContainEqual(unfinished);
    project.status(head, "ci/x", "success", { app: 7 });
    expect(await forge.checks(repository, head)).toContainEqual(unfinished);
    project.status(head, "ci/x", "success", { app: 42 });
    expect(await forge.checks(repository, head)).toMatchObject([{ name: "ci/x", status: "completed", conclusion: "success" }]);
  });

  it("F:A5 that a second suite of the App reports green counts as the newest of that App and name", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    const { head } = await openWork(harness);
    project.check(head, "unit", "failure", { suite: 1 });
    project.check(head, "unit", null, { suite: 2 });
    expect(await forge.checks(repository, head)).toMatchObject([{ name: "unit", status: "in_progress" }]);
    project.check(head, "unit", "success", { suite: 2 });
    expect(await forge.checks(repository, head)).toMatchObject([{ name: "unit", conclusion: "success" }]);
  });

  it("F:A5 of another App with the same name is another check", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    const { head } = await openWork(harness);
    project.check(head, "unit", "failure", { app: 1 });
    project.check(head, "unit", "success", { app: 2 });
    expect(await forge.checks(repository, head)).toMatchObject([{ conclusion: "failure" }, { conclusion: "success" }]);
  });
});

describe("what exists and GitHub does not show yet", () => {
  it.each(["pull-request", "commit", "branch"] as const)("F:C3 a %s is asked for again", async (what) => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    const { pull, head, base } = await openWork(harness);
    await project.outsiders.hide(what, 2);
    expect(await forge.read(repository, pull)).toMatchObject({ state: "open", head });
    await project.outsiders.hide(what);
    expect(await forge.checks(repository, head)).toEqual([]);
    await project.outsiders.hide(what);
    expect(await forge.diffDigest(repository, { base, head })).not.toBeNull();
    await project.outsiders.hide(what);
    expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ is: "merged", head, base });
    expect(await forge.findMerged(repository, BRANCH)).toMatchObject({ head, base });
  });

  it("F:C3 a branch that was pushed just now gets its pull request", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, project } = harness;
    await harness.commit(BRANCH, { "work.txt": "work\n" });
    await project.outsiders.hide("branch");
    expect(await forge.openPullRequest(repository, { branch: BRANCH, title: "Work", body: "" })).toMatchObject({ branch: BRANCH });
    expect(project.pulls).toHaveLength(1);
  });

  it("F:C3 is asked for five times, then its absence is final", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, hub, waits } = harness;
    const { pull } = await openWork(harness);
    const nowhere = { ...pull, number: 999 };
    await expect(forge.read(repository, nowhere)).rejects.toMatchObject({ code: "not_found" });
    expect(hub.exchanges.filter(({ path }) => path.endsWith("/pulls/999"))).toHaveLength(5);
    expect(waits).toEqual([500, 1000, 1500, 2000]);
  });

  it("F:C3 a merge that GitHub refuses for what it does not show passes", async () => {
    await using harness = await createGitHubHarness({ settings: { mergeMethod: "squash" } });
    const { forge, repository, hub } = harness;
    const { pull, head, base } = await openWork(harness);
    hub.plan("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", { does: "answer", status: 404 });
    await expect(forge.merge(repository, pull, { head, base }, "Merge")).rejects.toMatchObject({ code: "forge_failed" });
    expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ is: "merged" });
  });
});

describe("the digest of a diff", () => {
  it("is null for one that GitHub does not show, and read once for each pair of commits", async () => {
    await using harness = await createGitHubHarness();
    const { forge, repository, hub } = harness;
    const base = await baseTip(harness);
    const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
    const reads = () => hub.exchanges.filter(({ operation }) => operation === COMPARE).length;
    const digest = await forge.diffDigest(repository, { base, head });
    expect(digest).not.toBeNull();
    const before = reads();
    expect(await forge.diffDigest(repository, { base, head })).toBe(digest);
    expect(reads()).toBe(before);
    const large = await harness.commit(BRANCH, { "large.txt": "x\n".repeat(30_000) });
    expect(await forge.diffDigest(repository, { base, head: large })).toBeNull();
  });
});
