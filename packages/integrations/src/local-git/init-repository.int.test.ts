import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gitAt } from "../git/git.js";
import { writeFiles } from "../git/scratch-repository.js";
import { initLocalRepository, linkRemote, syncHint } from "./init-repository.js";

interface Person extends AsyncDisposable {
  readonly root: string;
  readonly source: string;
  readonly bare: string;
  run(...args: string[]): Promise<string>;
}

async function personWithHome(): Promise<Person> {
  const root = await mkdtemp(join(tmpdir(), "millrace-init-"));
  const source = join(root, "my project");
  await mkdir(source);
  const git = gitAt({ gitDir: join(source, ".git"), workTree: source });
  return {
    root,
    source,
    bare: join(root, "data", "project.git"),
    run: (...args) => git.text(args, { protocols: ["file"] }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

async function withCommit(): Promise<Person> {
  const made = await personWithHome();
  await made.run("init", "--quiet", "--initial-branch=trunk");
  await writeFiles(made.source, { "a.txt": "a", ".gitignore": "*.log\n", "noise.log": "x" });
  await made.run("add", "--all");
  await made.run("commit", "--quiet", "-m", "First");
  return made;
}

describe("initLocalRepository", () => {
  it("F:C10 refuses a repository whose branch 'millrace' is in the way of every job's", async () => {
    await using person = await withCommit();
    await person.run("branch", "millrace");
    await expect(initLocalRepository({ path: person.bare, from: person.source })).rejects.toMatchObject({
      code: "repository_invalid",
      details: { branch: "millrace" },
      fix: expect.stringContaining("git branch -m 'millrace'") as string,
    });
  });

  it("copies a working folder's history; the base is the branch it is on", async () => {
    await using one = await withCommit();
    const head = await one.run("rev-parse", "HEAD");
    expect(await initLocalRepository({ path: one.bare, from: one.source })).toEqual({
      path: one.bare,
      base: "trunk",
      head,
      existed: false,
    });
    expect(await initLocalRepository({ path: one.bare, from: one.source })).toEqual({ path: one.bare, base: "trunk", head, existed: true });
  });

  it("makes a new repository from nothing", async () => {
    await using one = await personWithHome();
    expect(await initLocalRepository({ path: one.bare, from: null })).toMatchObject({ base: "main", existed: false });
  });

  it("links the person's folder to it, so that what landed can be pulled", async () => {
    await using one = await withCommit();
    await initLocalRepository({ path: one.bare, from: one.source });
    await linkRemote(one.source, one.bare);
    await linkRemote(one.source, one.bare);
    const landed = await gitAt({ gitDir: one.bare }).text(["commit-tree", "trunk^{tree}", "-p", "trunk", "-m", "Landed"]);
    await gitAt({ gitDir: one.bare }).run(["update-ref", "refs/heads/trunk", landed]);
    const [, ...pull] = syncHint("trunk").split(" ");
    await one.run(...pull, "--quiet", "--ff-only");
    expect(await one.run("rev-parse", "HEAD")).toBe(landed);
    await expect(linkRemote(one.source, "/elsewhere")).rejects.toMatchObject({ code: "repository_invalid" });
  });

  it("refuses what is no repository, or has no commit", async () => {
    await using one = await personWithHome();
    await expect(initLocalRepository({ path: one.bare, from: one.source })).rejects.toMatchObject({ code: "repository_missing" });
    await expect(initLocalRepository({ path: one.bare, from: join(one.root, "absent") })).rejects.toMatchObject({
      code: "repository_missing",
    });
    await one.run("init", "--quiet");
    await expect(initLocalRepository({ path: one.bare, from: one.source })).rejects.toMatchObject({ code: "repository_missing" });
  });

  it("refuses a folder inside a repository: its history would not be what was named", async () => {
    await using one = await withCommit();
    await mkdir(join(one.source, "inner"));
    await expect(initLocalRepository({ path: one.bare, from: join(one.source, "inner") })).rejects.toMatchObject({
      code: "repository_missing",
    });
  });

  it("refuses uncommitted changes and names up to five", async () => {
    await using one = await withCommit();
    await writeFiles(one.source, { "a.txt": "changed", "1": "", "2": "", "3": "", "4": "", "5": "" });
    await expect(initLocalRepository({ path: one.bare, from: one.source })).rejects.toMatchObject({
      code: "repository_dirty",
      details: { count: 6, files: ["a.txt", "1", "2", "3", "4"] },
    });
  });

  it("refuses a base that is not there, no branch at all, and a path that is taken", async () => {
    await using one = await withCommit();
    await expect(initLocalRepository({ path: one.bare, from: one.source, base: "main" })).rejects.toMatchObject({
      code: "repository_invalid",
      details: { base: "main" },
    });
    await one.run("checkout", "--quiet", "--detach");
    await expect(initLocalRepository({ path: one.bare, from: one.source })).rejects.toMatchObject({ code: "repository_invalid" });
    await writeFiles(one.bare, { "thesis.txt": "x" });
    await expect(initLocalRepository({ path: one.bare, from: one.source, base: "trunk" })).rejects.toMatchObject({
      code: "repository_invalid",
      details: { path: one.bare },
    });
  });
});
