import { spawn } from "node:child_process";
import { mkdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Checkout, Worktrees } from "@millrace/kernel";
import { isMillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { canContain, testCommands } from "./commands.fixture.js";
import type { Git } from "./git.js";
import { gitAt } from "./git.js";
import type { Files, ScratchRepository } from "./scratch-repository.js";
import { scratchRepository, writeFiles } from "./scratch-repository.js";
import { createGitWorktrees } from "./worktrees.js";

const commands = testCommands({ contains: canContain });
const repository = { forge: "local-git", id: "project", base: "main" };

function worktreesOf(scratch: ScratchRepository): Worktrees {
  return createGitWorktrees({ remoteUrl: () => scratch.bare, commands });
}

/** Plays the agent: a git of its own in the clone. */
function agentGit(checkout: Checkout): Git {
  return gitAt({ gitDir: join(checkout.path, ".git"), workTree: checkout.path });
}

async function agentCommits(checkout: Checkout, files: Files, message = "Work"): Promise<string> {
  await writeFiles(checkout.path, files);
  const git = agentGit(checkout);
  await git.run(["add", "--all"]);
  await git.run(["commit", "--quiet", "-m", message]);
  return git.text(["rev-parse", "HEAD"]);
}

function prepare(
  worktrees: Worktrees,
  scratch: ScratchRepository,
  change: Partial<Parameters<Worktrees["prepare"]>[0]> = {},
): Promise<Checkout> {
  return worktrees.prepare({
    key: "run_1/0/0/work",
    repository,
    branch: "millrace/task",
    folder: join(scratch.root, "jobs", "one"),
    control: join(scratch.root, "control", "one"),
    mergeBase: false,
    ...change,
  });
}

/** What a host does once an agent has ended. */
async function deliver(worktrees: Worktrees, checkout: Checkout): ReturnType<Worktrees["push"]> {
  await worktrees.observe(checkout, null);
  return worktrees.push(checkout);
}

const push = { protocols: ["file"] } as const;

describe("prepare", () => {
  it("F:C10 refuses a branch that another one is in the way of, before an agent is started", async () => {
    await using scratch = await scratchRepository();
    await scratch.commit("millrace", { "a.txt": "a" });
    await expect(prepare(worktreesOf(scratch), scratch)).rejects.toMatchObject({
      code: "repository_invalid",
      details: { branch: "millrace" },
    });
  });

  it("clones with a branch from the base when the remote has none", async () => {
    await using scratch = await scratchRepository();
    const checkout = await prepare(worktreesOf(scratch), scratch);
    const main = await scratch.tip("main");
    expect(checkout).toMatchObject({ head: main, baseHead: main, pushed: null, conflicts: [], refs: { "refs/heads/millrace/task": main } });
    expect(await readFile(join(checkout.path, "README.md"), "utf8")).toBe("# A project\n");
  });

  it("continues the remote's branch", async () => {
    await using scratch = await scratchRepository();
    const head = await scratch.commit("millrace/task", { "a.txt": "a" });
    expect(await prepare(worktreesOf(scratch), scratch)).toMatchObject({ head, baseHead: await scratch.tip("main") });
  });

  it("returns the checkout of the same key as it was, though everything moved meanwhile", async () => {
    await using scratch = await scratchRepository();
    const first = await prepare(worktreesOf(scratch), scratch);
    await agentCommits(first, { "a.txt": "a" });
    await scratch.commit("main", { "other.txt": "x" });
    expect(await prepare(worktreesOf(scratch), scratch)).toEqual(first);
    expect(await readFile(join(first.path, "a.txt"), "utf8")).toBe("a");
  });

  it("throws a half-finished clone away", async () => {
    await using scratch = await scratchRepository();
    const folder = join(scratch.root, "jobs", "one");
    await mkdir(join(folder, ".git"), { recursive: true });
    await writeFile(join(folder, "left-over"), "");
    const control = join(scratch.root, "control", "one");
    await mkdir(join(control, "repository.git"), { recursive: true });
    await writeFile(join(control, "record.json"), JSON.stringify({ is: "cloning", key: "run_1/0/0/work" }));
    const checkout = await prepare(worktreesOf(scratch), scratch);
    await expect(stat(join(checkout.path, "left-over"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("leaves a folder alone that is not one of its own", async () => {
    await using scratch = await scratchRepository();
    const folder = join(scratch.root, "mine");
    await writeFiles(folder, { "thesis.txt": "years of work" });
    await expect(prepare(worktreesOf(scratch), scratch, { folder })).rejects.toMatchObject({ code: "conflict" });
    expect(await readFile(join(folder, "thesis.txt"), "utf8")).toBe("years of work");
  });

  it("names what is missing: the repository, the base, a possible branch name", async () => {
    await using scratch = await scratchRepository();
    const nowhere = createGitWorktrees({ remoteUrl: () => join(scratch.root, "nowhere.git"), commands });
    await expect(prepare(nowhere, scratch)).rejects.toMatchObject({ code: "repository_missing" });
    await expect(prepare(worktreesOf(scratch), scratch, { repository: { ...repository, base: "trunk" } })).rejects.toMatchObject({
      code: "repository_missing",
      details: { base: "trunk" },
    });
    await expect(prepare(worktreesOf(scratch), scratch, { branch: "--upload-pack=evil" })).rejects.toMatchObject({ code: "validation" });
  });

  it("refuses addresses that run programs", async () => {
    await using scratch = await scratchRepository();
    const evil = createGitWorktrees({ remoteUrl: () => `ext::touch ${join(scratch.root, "ran")}`, commands });
    await expect(prepare(evil, scratch)).rejects.toMatchObject({ code: "config_invalid" });
    await expect(stat(join(scratch.root, "ran"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("merges the base when asked, and names the files left in conflict", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const head = await scratch.commit("millrace/task", { "src/app.txt": "ours\n" });
    await scratch.commit("main", { "src/app.txt": "theirs\n", "new.txt": "n" });
    const checkout = await prepare(worktrees, scratch, { mergeBase: true });
    expect(checkout).toMatchObject({ head, conflicts: ["src/app.txt"] });
    const before = await worktrees.observe(checkout, null);
    expect(before).toMatchObject({ mergeInProgress: true, containsBase: false, uncommitted: ["new.txt", "src/app.txt"], headAfter: head });
    await writeFiles(checkout.path, { "src/app.txt": "both\n" });
    await worktrees.commitAll(checkout, "Resolve");
    expect(await worktrees.observe(checkout, "src")).toMatchObject({
      mergeInProgress: false,
      containsBase: true,
      conflictMarkers: [],
      foreignCommits: [],
      outsideScope: [],
      uncommitted: [],
      strayRefs: [],
    });
  });

  it("commits a clean merge of the base", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    await scratch.commit("millrace/task", { "a.txt": "a" });
    await scratch.commit("main", { "b.txt": "b" });
    const checkout = await prepare(worktrees, scratch, { mergeBase: true });
    expect(checkout.conflicts).toEqual([]);
    expect(await worktrees.observe(checkout, null)).toMatchObject({
      containsBase: true,
      mergeInProgress: false,
      treeChanged: true,
      foreignCommits: [],
    });
  });
});

describe("observe", () => {
  it("sees nothing where nothing happened", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    expect(await worktrees.observe(checkout, "src")).toEqual({
      headAfter: checkout.head,
      commits: 0,
      treeChanged: false,
      uncommitted: [],
      rewritten: false,
      foreignCommits: [],
      strayRefs: [],
      outsideScope: [],
      undeliverable: [],
      conflictMarkers: [],
      containsBase: true,
      mergeInProgress: false,
    });
  });

  it("tells commits, empty commits, uncommitted files and ignored files apart", async () => {
    await using scratch = await scratchRepository();
    await scratch.commit("main", { ".gitignore": "*.log\n" });
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await agentGit(checkout).run(["commit", "--quiet", "--allow-empty", "-m", "Did it"]);
    expect(await worktrees.observe(checkout, null)).toMatchObject({ commits: 1, treeChanged: false });
    await writeFiles(checkout.path, { "debug.log": "noise", "new folder/ünï.txt": "x", "README.md": "changed" });
    expect(await worktrees.observe(checkout, null)).toMatchObject({ uncommitted: ["README.md", "new folder/"] });
  });

  it("sees a rewritten branch", async () => {
    await using scratch = await scratchRepository();
    await scratch.commit("millrace/task", { "a.txt": "a" });
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await agentGit(checkout).run(["commit", "--quiet", "--amend", "-m", "Never happened"]);
    expect(await worktrees.observe(checkout, null)).toMatchObject({ rewritten: true, commits: 1 });
  });

  it("sees commits of others handed in as its own", async () => {
    await using scratch = await scratchRepository();
    const theirs = await scratch.commit("feature/theirs", { "theirs.txt": "t" });
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await agentGit(checkout).run(["merge", "--quiet", "--ff-only", theirs]);
    expect(await worktrees.observe(checkout, null)).toMatchObject({ commits: 1, foreignCommits: [theirs] });
  });

  it("counts the base as foreign unless the job was to merge it", async () => {
    await using scratch = await scratchRepository();
    await scratch.commit("millrace/task", { "a.txt": "a" });
    const base = await scratch.commit("main", { "b.txt": "b" });
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await agentGit(checkout).run(["merge", "--quiet", "--no-edit", base]);
    expect(await worktrees.observe(checkout, null)).toMatchObject({ foreignCommits: [base], containsBase: true });
  });

  it("sees other branches, tags, stashes and a HEAD that left", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    const git = agentGit(checkout);
    const first = await agentCommits(checkout, { "a.txt": "a" });
    await git.run(["tag", "v9"]);
    await writeFiles(checkout.path, { "README.md": "hidden" });
    await git.run(["stash", "--quiet"]);
    await git.run(["checkout", "--quiet", "-b", "elsewhere"]);
    const { strayRefs } = await worktrees.observe(checkout, null);
    expect(strayRefs.map((ref) => ref.split(" ").slice(0, -1).join(" "))).toEqual([
      "HEAD",
      "refs/heads/elsewhere",
      "refs/stash",
      "refs/tags/v9",
    ]);
    expect(strayRefs).toContain(`refs/tags/v9 ${first}`);
    await expect(worktrees.commitAll(checkout, "x")).rejects.toMatchObject({ code: "conflict" });
  });

  it("sees a push to another branch of the remote, not what other people push", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    const git = agentGit(checkout);
    await scratch.commit("main", { "people.txt": "p" });
    await git.run(["fetch", "--quiet", scratch.bare], push);
    const mine = await agentCommits(checkout, { "a.txt": "a" });
    expect((await worktrees.observe(checkout, null)).strayRefs).toEqual([]);
    await git.run(["push", "--quiet", scratch.bare, "HEAD:refs/heads/wrong"], push);
    expect((await worktrees.observe(checkout, null)).strayRefs).toEqual([`remote refs/heads/wrong ${mine}`]);
  });

  it("sees paths outside the scope, committed or not", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await agentCommits(checkout, { "src/ok.txt": "x", "srcs/no.txt": "x" });
    await writeFiles(checkout.path, { "loose.txt": "x" });
    expect((await worktrees.observe(checkout, "./src/")).outsideScope).toEqual(["srcs/no.txt", "loose.txt"]);
    await expect(worktrees.observe(checkout, "../up")).rejects.toMatchObject({ code: "path_outside" });
  });

  it("finds conflict markers in changed text files only", async () => {
    await using scratch = await scratchRepository();
    await scratch.commit("main", { "docs/fixture.md": "<<<<<<< sample\n" });
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await agentCommits(checkout, {
      "left.txt": "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> main\n",
      "title.md": "x\n=======\n",
      "binary.bin": "\0\n<<<<<<< HEAD\n",
    });
    expect((await worktrees.observe(checkout, null)).conflictMarkers).toEqual(["left.txt"]);
  });
});

describe("commitAll", () => {
  it("commits changed and untracked files, not ignored ones, and says when there was nothing", async () => {
    await using scratch = await scratchRepository();
    await scratch.commit("main", { ".gitignore": "*.log\n" });
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await writeFiles(checkout.path, { "a.txt": "a", "src/app.txt": null, "b.log": "b" });
    await writeFile(join(checkout.path, ".git", "index.lock"), "");
    const commit = await worktrees.commitAll(checkout, "Do the work\n\nAll of it.");
    expect(await agentGit(checkout).text(["log", "-1", "--format=%H %an <%ae> %s", "--name-status"])).toBe(
      `${commit ?? ""} Millrace <agent@millrace.invalid> Do the work\n\nA\ta.txt\nD\tsrc/app.txt`,
    );
    expect(await worktrees.commitAll(checkout, "Again")).toBeNull();
  });
});

describe("locks that a killed git left", () => {
  const LONG_AGO = new Date(Date.now() - 3_600_000);

  it("F:C10 in the clone are cleared: HEAD, the branch, the index", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await writeFiles(checkout.path, { "a.txt": "a" });
    const locks = ["HEAD.lock", "index.lock", join("refs", "heads", "millrace", "task.lock")];
    for (const lock of locks) await writeFile(join(checkout.path, ".git", lock), "");
    expect(await worktrees.commitAll(checkout, "Work")).toBe(await agentGit(checkout).text(["rev-parse", "HEAD"]));
  });

  it("F:C10 in the repository are cleared when they are old and no process works there", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    const head = await agentCommits(checkout, { "a.txt": "a" });
    const lock = join(scratch.bare, "refs", "heads", "millrace", "task.lock");
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, "");
    // Young, so a process may be writing.
    await expect(deliver(worktrees, checkout)).rejects.toMatchObject({ code: "git_failed" });
    await utimes(lock, LONG_AGO, LONG_AGO);
    await using worker = inFolder(scratch.bare);
    await worker.started;
    await expect(worktrees.push(checkout)).rejects.toMatchObject({ code: "git_failed" });
    await worker[Symbol.asyncDispose]();
    expect(await worktrees.push(checkout)).toEqual({ is: "pushed", head });
  });
});

/** A living process that works in a folder. */
function inFolder(cwd: string): AsyncDisposable & { readonly started: Promise<unknown> } {
  const child = spawn("cat", [], { cwd, stdio: ["pipe", "ignore", "ignore"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    started: new Promise((resolve) => child.once("spawn", () => resolve(null))),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

describe("push", () => {
  it("lands branch and markers together, and is the same the second time and from another host", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    const head = await agentCommits(checkout, { "a.txt": "a" });
    expect(await worktrees.remoteHead(checkout)).toBeNull();
    expect(await deliver(worktrees, checkout)).toEqual({ is: "pushed", head });
    expect(await worktrees.push(checkout)).toEqual({ is: "pushed", head });
    expect(await worktrees.remoteHead(checkout)).toBe(head);
    expect(await prepare(worktrees, scratch)).toEqual({ ...checkout, pushed: head });
    await scratch.commit("millrace/task", { "later.txt": "l" });
    const elsewhere = await prepare(worktrees, scratch, { folder: join(scratch.root, "jobs", "two") });
    expect(elsewhere).toMatchObject({ head: checkout.head, baseHead: checkout.baseHead, pushed: head });
    expect(await worktrees.observe(elsewhere, null)).toMatchObject({ headAfter: head, commits: 1 });
  });

  it("is rejected when another push moved the branch, and lands nothing", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await agentCommits(checkout, { "a.txt": "a" });
    const theirs = await scratch.commit("millrace/task", { "t.txt": "t" });
    expect(await deliver(worktrees, checkout)).toEqual({ is: "rejected", remoteHead: theirs });
    expect(await scratch.git.text(["for-each-ref", "refs/millrace"])).toBe("");
  });

  it("F:C4 is sent again on top of what others pushed meanwhile, and loses neither side", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    await scratch.commit("millrace/task", { "start.txt": "s\n" });
    const checkout = await prepare(worktrees, scratch);
    const mine = await agentCommits(checkout, { "a.txt": "a" });
    const theirs = await scratch.commit("millrace/task", { "t.txt": "t" });
    const pushed = await deliver(worktrees, checkout);
    const head = await scratch.tip("millrace/task");
    expect(pushed).toEqual({ is: "merged", head });
    expect(await scratch.git.text(["rev-list", "--parents", "--max-count=1", head])).toBe(`${head} ${mine} ${theirs}`);
    expect(await scratch.git.text(["ls-tree", "--name-only", head])).toBe("README.md\na.txt\nsrc\nstart.txt\nt.txt");
    expect(await worktrees.push(checkout)).toEqual(pushed);
  });

  it("F:C4 is rejected when both changed the same lines, or the branch was rewritten, and replaces nothing", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    await scratch.commit("millrace/task", { "start.txt": "s\n" });
    const checkout = await prepare(worktrees, scratch);
    await agentCommits(checkout, { "start.txt": "mine\n" });
    const theirs = await scratch.commit("millrace/task", { "start.txt": "theirs\n" });
    expect(await deliver(worktrees, checkout)).toEqual({ is: "rejected", remoteHead: theirs });
    const rewritten = await scratch.commit("other", { "other.txt": "x" });
    await scratch.git.run(["update-ref", "refs/heads/millrace/task", rewritten]);
    expect(await worktrees.push(checkout)).toEqual({ is: "rejected", remoteHead: rewritten });
    expect(await scratch.tip("millrace/task")).toBe(rewritten);
  });

  it("builds on what the agent itself pushed along the way", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await agentCommits(checkout, { "a.txt": "a" });
    await agentGit(checkout).run(["push", "--quiet", scratch.bare, "HEAD"], push);
    const head = await agentCommits(checkout, { "b.txt": "b" });
    expect(await deliver(worktrees, checkout)).toEqual({ is: "pushed", head });
  });

  it("reports a repository that refuses, without its words being read", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await agentCommits(checkout, { "a.txt": "a" });
    await mkdir(join(scratch.bare, "hooks"), { recursive: true });
    await writeFile(join(scratch.bare, "hooks", "pre-receive"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    await expect(deliver(worktrees, checkout)).rejects.toMatchObject({ code: "git_failed" });
  });
});

describe("remove and diff", () => {
  it("removes the clone and its record, twice", async () => {
    await using scratch = await scratchRepository();
    const worktrees = worktreesOf(scratch);
    const checkout = await prepare(worktrees, scratch);
    await worktrees.remove(checkout);
    await worktrees.remove(checkout);
    await expect(stat(checkout.path)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(worktrees.observe(checkout, null)).rejects.toSatisfy((error) => isMillraceError(error, "repository_missing"));
  });

  it.each(["in place", "through a fetch"])("shows what the branch adds, %s", async (how) => {
    await using scratch = await scratchRepository();
    const copy = join(scratch.root, "copy");
    const worktrees = createGitWorktrees({ remoteUrl: () => (how === "in place" ? scratch.bare : copy), commands });
    await scratch.commit("millrace/task", { "added.txt": `${"x".repeat(500)}\n` });
    await scratch.commit("main", { "base.txt": "not part of it\n" });
    await gitAt().run(["clone", "--quiet", "--mirror", scratch.bare, join(copy, ".git")], push);
    const whole = await worktrees.diff({ repository, branch: "millrace/task", maxChars: 10_000 });
    expect(whole).toContain("+++ b/added.txt");
    expect(whole).not.toContain("base.txt");
    const cut = await worktrees.diff({ repository, branch: "millrace/task", maxChars: 200 });
    expect(cut).toHaveLength(200);
    expect(cut).toContain("cut at 200 characters");
    expect(await worktrees.diff({ repository, branch: "absent", maxChars: 200 })).toBe("");
  });
});
