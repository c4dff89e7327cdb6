import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Checkout, Worktrees } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { testCommands } from "./commands.fixture.js";
import { scratchRepository, writeFiles, type ScratchRepository } from "./scratch-repository.js";
import { specialPathsOf } from "./undeliverable.js";
import { createGitWorktrees } from "./worktrees.js";

const ATTRIBUTES = "*.secret filter=x\n*.psd filter=lfs diff=lfs merge=lfs -text\n*.txt text\n";

function prepare(worktrees: Worktrees, scratch: ScratchRepository): Promise<Checkout> {
  const repository = { forge: "local-git", id: "repo", base: "main" };
  return worktrees.prepare({
    key: "run_1/0",
    repository,
    branch: "millrace/task",
    folder: join(scratch.root, "jobs", "one"),
    control: join(scratch.root, "control", "one"),
    mergeBase: false,
  });
}

async function withSpecials(): Promise<ScratchRepository> {
  const scratch = await scratchRepository();
  await scratch.commit("main", {
    ".gitattributes": ATTRIBUTES,
    "keys/a.secret": "ciphertext",
    "art/logo.psd": "pointer",
    "deep/a b.secret": "c",
  });
  // A submodule is an entry of the tree; nothing of it needs to be there.
  const env = { GIT_INDEX_FILE: join(scratch.root, "index") };
  await scratch.git.run(["read-tree", "main"], { env });
  await scratch.git.run(["update-index", "--add", "--cacheinfo", `160000,${await scratch.tip("main")},vendor/lib`], { env });
  const tree = await scratch.git.text(["write-tree"], { env });
  const commit = await scratch.git.text(["commit-tree", tree, "-p", "main", "-m", "Add a submodule"]);
  await scratch.git.run(["update-ref", "refs/heads/main", commit]);
  return scratch;
}

describe("F:A15 a repository with filters and submodules", () => {
  it("is told by the objects of its base", async () => {
    await using scratch = await withSpecials();
    expect(await specialPathsOf(scratch.bare, await scratch.tip("main"))).toEqual({
      submodules: ["vendor/lib"],
      filtered: [
        { path: "art/logo.psd", filter: "lfs" },
        { path: "deep/a b.secret", filter: "x" },
        { path: "keys/a.secret", filter: "x" },
      ],
    });
  });

  it("refuses changed files with a filter by name, also when the change takes the filter off, and work inside a submodule", async () => {
    await using scratch = await withSpecials();
    const worktrees = createGitWorktrees({ remoteUrl: () => scratch.bare, commands: testCommands({ contains: false }) });
    const checkout = await prepare(worktrees, scratch);
    expect((await worktrees.observe(checkout, null)).undeliverable).toEqual([]);
    await writeFiles(checkout.path, { "keys/a.secret": "plain", "art/new.psd": "pixels", "src/app.txt": "fine", ".gitattributes": "" });
    await mkdir(join(checkout.path, "vendor", "lib"), { recursive: true });
    await writeFile(join(checkout.path, "vendor", "lib", "work.txt"), "lost without a word");
    await worktrees.commitAll(checkout, "Change");
    expect((await worktrees.observe(checkout, null)).undeliverable).toEqual([
      "art/new.psd (filter=lfs)",
      "keys/a.secret (filter=x)",
      "vendor/lib/work.txt (submodule)",
    ]);
  });

  it("reads nothing but objects of the agent's clone: its own attributes and configuration change nothing", async () => {
    await using scratch = await withSpecials();
    const worktrees = createGitWorktrees({ remoteUrl: () => scratch.bare, commands: testCommands({ contains: false }) });
    const checkout = await prepare(worktrees, scratch);
    await writeFiles(checkout.path, { "keys/a.secret": "plain" });
    await worktrees.commitAll(checkout, "Change");
    await writeFiles(checkout.path, { ".git/info/attributes": "*.secret -filter\n", ".gitattributes": "*.secret -filter\n" });
    expect((await worktrees.observe(checkout, null)).undeliverable).toEqual(["keys/a.secret (filter=x)"]);
  });
});
