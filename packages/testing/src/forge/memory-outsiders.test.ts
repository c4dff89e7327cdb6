import type { CommitSha, PullRequestRef, RepositoryRef } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { completedCheck, createMemoryForge, type MemoryForge } from "./memory-forge.js";
import type { Outsiders } from "./outsiders.js";

interface Begun {
  readonly forge: MemoryForge;
  readonly repository: RepositoryRef;
  readonly outsiders: Outsiders;
  readonly pull: PullRequestRef;
  readonly head: CommitSha;
  readonly base: CommitSha;
}

async function begin(): Promise<Begun> {
  const forge = createMemoryForge();
  const repository = forge.createRepository("project", { "app.txt": "one" });
  const head = forge.push(repository, "work", { "work.txt": "work" });
  const pull = await forge.openPullRequest(repository, { branch: "work", title: "Work", body: "" });
  return { forge, repository, outsiders: forge.outsiders(repository), pull, head, base: forge.head(repository, "main") ?? "" };
}

describe("what happens on a memory forge", () => {
  it.each(["pull-request", "branch"] as const)("a %s that is not shown passes", async (what) => {
    const { forge, repository, outsiders, pull } = await begin();
    await outsiders.hide(what);
    await expect(forge.read(repository, pull)).rejects.toMatchObject({ code: "forge_failed" });
    expect(await forge.read(repository, pull)).toMatchObject({ state: "open" });
  });

  it("mergeability is unknown for a while after a move", async () => {
    const { forge, repository, outsiders, pull } = await begin();
    await outsiders.delayMergeability(2);
    const read = async () => (await forge.read(repository, pull)).mergeability;
    expect([await read(), await read(), await read()]).toEqual(["unknown", "unknown", "clean"]);
    forge.push(repository, "main", { "elsewhere.txt": "x" });
    expect(await read()).toBe("unknown");
  });

  it("a retargeted pull request and one of a renamed base merge nowhere", async () => {
    const { forge, repository, outsiders, pull, head, base } = await begin();
    forge.pointBranch(repository, "release", base);
    await outsiders.retarget(pull.number, "release");
    expect(await forge.read(repository, pull)).toMatchObject({ base: "release" });
    expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ because: "not-allowed" });
    await outsiders.retarget(pull.number, "main");
    await outsiders.renameBranch("main", "trunk");
    expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ because: "not-allowed" });
    expect([forge.head(repository, "release"), forge.head(repository, "trunk")]).toEqual([base, base]);
  });

  it("others of the same branch do not count, and one is closed and reopened", async () => {
    const { forge, repository, outsiders, pull, head, base } = await begin();
    forge.pointBranch(repository, "release", base);
    await outsiders.open("work", "release");
    const fork = await outsiders.openFromFork("work", "main", head);
    expect(await forge.findPullRequest(repository, "work")).toEqual(pull);
    expect(await forge.read(repository, fork)).toMatchObject({ headRepository: "project-fork" });
    await outsiders.close(pull.number);
    expect(await forge.findPullRequest(repository, "work")).toBeNull();
    await outsiders.reopen(pull.number);
    expect(await forge.findPullRequest(repository, "work")).toEqual(pull);
  });

  it("a required check that was added is waited for, and needed by a merge", async () => {
    const { forge, repository, outsiders, pull, head, base } = await begin();
    await outsiders.requireChecks("main", ["unit"]);
    expect(await forge.checks(repository, head)).toMatchObject([{ name: "unit", status: "queued" }]);
    expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ because: "checks" });
    forge.setChecks(head, [completedCheck("unit", "success")]);
    expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ is: "merged" });
  });

  it.each(["merge", "squash", "fast-forward"] as const)("F:A6 a merge by hand as a %s has the base before it", async (how) => {
    const { forge, repository, outsiders, pull, head, base } = await begin();
    const commit = await outsiders.mergeByHand(pull.number, how);
    expect(await forge.read(repository, pull)).toMatchObject({ state: "merged", mergedAs: commit, mergedBase: base, head });
    expect(await forge.findMerged(repository, "work")).toEqual({ pullRequest: pull, commit, head, base });
    expect(forge.landed).toEqual([]);
  });

  it("its own queue takes a merge, drops it for the one who asked, and lands the next", async () => {
    const { forge, repository, outsiders, pull, head, base } = await begin();
    await outsiders.useQueue("main", true);
    expect(await forge.read(repository, pull)).toMatchObject({ ownQueue: true });
    const merge = (askedAt: number) => forge.merge(repository, pull, { head, base }, "Merge", askedAt);
    expect(await merge(1)).toMatchObject({ is: "sent" });
    await outsiders.dropQueued(pull.number, "a check failed");
    expect(await merge(1)).toMatchObject({ is: "refused", because: "checks" });
    expect(await merge(2)).toMatchObject({ is: "sent" });
    const moved = forge.push(repository, "main", { "elsewhere.txt": "x" });
    const commit = await outsiders.landQueued(pull.number);
    expect(await merge(2)).toEqual({ is: "merged", commit, head, base: moved });
  });
});
