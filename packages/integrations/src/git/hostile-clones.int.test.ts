/**
 * Clones that agents prepared against the host. Each test plants an attack as an agent's process would, proves that it took place, and
 * shows what stayed untouched. Git runs in bubblewrap here, as in every default run.
 */
import { createHash } from "node:crypto";
import { existsSync, lstatSync, statSync } from "node:fs";
import { chmod, mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import type { Checkout, Worktrees } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { canContain, testCommands } from "./commands.fixture.js";
import { gitAt, type Git } from "./git.js";
import { quarantineGit, quarantinePath, RECEIVED } from "./quarantine.js";
import { commitAt } from "./refs.js";
import { scratchRepository, writeFiles, type ScratchRepository } from "./scratch-repository.js";
import { createGitWorktrees, type GitWorktreesOptions } from "./worktrees.js";

interface Attacked extends AsyncDisposable {
  readonly scratch: ScratchRepository;
  readonly worktrees: Worktrees;
  readonly checkout: Checkout;
  /** The agent's own git in the clone, with nothing switched off. */
  readonly agent: Git;
  /** A file of the host, outside of every clone. */
  readonly secret: string;
}

const SECRET = "the host's secret\n";
const BRANCH = "millrace/task";

async function attacked(options: Partial<GitWorktreesOptions> & { readonly contains?: boolean } = {}): Promise<Attacked> {
  const { contains = true, ...more } = options;
  const scratch = await scratchRepository();
  const worktrees = createGitWorktrees({ remoteUrl: () => scratch.bare, commands: testCommands({ contains }), ...more });
  const checkout = await worktrees.prepare({
    key: "run_1/0/0/work",
    repository: { forge: "local-git", id: "project", base: "main" },
    branch: BRANCH,
    folder: join(scratch.root, "jobs", "one", "work"),
    control: join(scratch.root, "jobs", "one", "control"),
    mergeBase: false,
  });
  const secret = join(scratch.root, "secret");
  await writeFile(secret, SECRET);
  const agent = gitAt({ gitDir: join(checkout.path, ".git"), workTree: checkout.path });
  return { scratch, worktrees, checkout, agent, secret, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

/** What a host does once an agent has ended; the error, if there is one. */
async function finish({ worktrees, checkout }: Attacked): Promise<unknown> {
  try {
    await worktrees.observe(checkout, null);
    await worktrees.commitAll(checkout, "Work");
    return await worktrees.observe(checkout, null);
  } catch (error) {
    return error;
  }
}

const received = ({ checkout }: Attacked) => commitAt(quarantineGit(checkout.control), RECEIVED);
const refused = { code: "repository_invalid" };

/** Writes a loose object as it is, whatever git would say of it. */
async function plant({ checkout }: Pick<Attacked, "checkout">, type: "blob" | "tree" | "commit", body: Buffer): Promise<string> {
  const whole = Buffer.concat([Buffer.from(`${type} ${String(body.byteLength)}\0`), body]);
  const id = createHash("sha1").update(whole).digest("hex");
  const path = join(checkout.path, ".git", "objects", id.slice(0, 2), id.slice(2));
  await mkdir(dirname(path), { recursive: true });
  if (!existsSync(path)) await writeFile(path, deflateSync(whole));
  return id;
}

function treeOf(...entries: readonly (readonly [mode: string, name: string, id: string])[]): Buffer {
  return Buffer.concat(entries.flatMap(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]));
}

/** Commits a tree on the job's branch. HEAD leaves it, so that git in the sandbox has no reason to look at the tree. */
async function commitTree({ agent, checkout }: Attacked, tree: string): Promise<string> {
  const commit = await agent.text(["commit-tree", tree, "-p", checkout.head, "-m", "Work"]);
  await agent.run(["update-ref", "--no-deref", "HEAD", checkout.head]);
  await agent.run(["update-ref", `refs/heads/${BRANCH}`, commit]);
  return commit;
}

describe.skipIf(!canContain)("a clone that works against the host (needs bubblewrap: apt-get install bubblewrap)", () => {
  describe("programs", () => {
    const script = (target: Attacked) => `sh -c 'echo ran >> ${target.checkout.path}/ran; echo owned > ${target.secret}; cat'`;

    it("H:S1 a filter of the clone's own configuration runs in the sandbox, and reaches nothing outside", async () => {
      await using target = await attacked();
      await writeFiles(target.checkout.path, { ".gitattributes": "*.txt filter=evil\n", "bait.txt": "bait\n" });
      await target.agent.run(["config", "filter.evil.clean", script(target)]);
      await finish(target);
      expect(await readFile(join(target.checkout.path, "ran"), "utf8")).toContain("ran");
      expect(await readFile(target.secret, "utf8")).toBe(SECRET);
    });

    it("H:S1 a nested repository with filter.clean runs in the sandbox, and is undeliverable", async () => {
      await using target = await attacked();
      const nested = join(target.checkout.path, "nested");
      await gitAt().run(["init", "--quiet", nested]);
      const inner = gitAt({ gitDir: join(nested, ".git"), workTree: nested });
      await writeFiles(nested, { "bait.txt": "bait\n", ".gitattributes": "*.txt filter=evil\n" });
      await inner.run(["add", "--all"]);
      await inner.run(["commit", "--quiet", "-m", "Bait"]);
      await inner.run(["config", "filter.evil.clean", script(target)]);
      // Of the same size, so that git has to look into the file.
      await writeFiles(nested, { "bait.txt": "tiab\n" });
      await target.worktrees.commitAll(target.checkout, "Work");
      expect(await target.worktrees.observe(target.checkout, null)).toMatchObject({ undeliverable: ["nested (submodule)"] });
      expect(await readFile(join(target.checkout.path, "ran"), "utf8")).toContain("ran");
      expect(await readFile(target.secret, "utf8")).toBe(SECRET);
    });

    it("H:S1 hooks and monitors do not run at all, and honest work beside them is delivered", async () => {
      await using target = await attacked();
      const hooks = join(target.checkout.path, ".git", "hooks");
      await mkdir(hooks, { recursive: true });
      for (const name of ["pre-commit", "post-commit", "post-index-change", "reference-transaction", "query"])
        await writeFile(join(hooks, name), `#!/bin/sh\n${script(target)} </dev/null\n`, { mode: 0o755 });
      for (const [name, value] of [
        ["core.hooksPath", hooks],
        ["core.fsmonitor", join(hooks, "query")],
        ["core.worktree", target.scratch.root],
        ["uploadpack.packObjectsHook", join(hooks, "query")],
      ] as const)
        await target.agent.run(["config", name, value]);
      await writeFiles(target.checkout.path, { "work.txt": "done\n" });
      expect(await finish(target)).toMatchObject({ commits: 1, treeChanged: true, uncommitted: [] });
      expect(await target.worktrees.push(target.checkout)).toMatchObject({ is: "pushed" });
      expect(existsSync(join(target.checkout.path, "ran"))).toBe(false);
      expect(await readFile(target.secret, "utf8")).toBe(SECRET);
    });
  });

  describe("links", () => {
    it.each(["COMMIT_EDITMSG", "index", "config", "HEAD", "logs/HEAD", "objects/info/alternates"])(
      "H:S2 a link at .git/%s to a secret is neither written nor read through",
      async (name) => {
        await using target = await attacked();
        const link = join(target.checkout.path, ".git", name);
        await rm(link, { force: true });
        await symlink(target.secret, link);
        expect(lstatSync(link).isSymbolicLink()).toBe(true);
        await writeFiles(target.checkout.path, { "work.txt": "done\n" });
        const result = await finish(target);
        expect(JSON.stringify(result)).not.toContain("the host's secret");
        expect(await readFile(target.secret, "utf8")).toBe(SECRET);
        expect(statSync(target.secret).nlink).toBe(1);
      },
    );

    it("H:S2 the same link does reach the secret without a sandbox: the attack is a real one", async () => {
      await using target = await attacked({ contains: false });
      await symlink(target.secret, join(target.checkout.path, ".git", "COMMIT_EDITMSG"));
      await writeFiles(target.checkout.path, { "work.txt": "done\n" });
      await finish(target);
      expect(await readFile(target.secret, "utf8")).not.toBe(SECRET);
    });

    it("H:S2 a clone whose .git is a link to the remote is refused, and the remote stays as it was", async () => {
      await using target = await attacked();
      const main = await target.scratch.tip("main");
      await rm(join(target.checkout.path, ".git"), { recursive: true });
      await symlink(target.scratch.bare, join(target.checkout.path, ".git"));
      expect(await finish(target)).toMatchObject(refused);
      expect(await target.scratch.tip("main")).toBe(main);
    });

    it("H:S11 no object of the clone is one of the host: what is written through it changes nothing else", async () => {
      await using target = await attacked();
      const objects = join(target.checkout.path, ".git", "objects");
      const files = (await readdir(objects, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
      expect(files.length).toBeGreaterThan(0);
      for (const { parentPath, name } of files) {
        const path = join(parentPath, name);
        expect(statSync(path).nlink).toBe(1);
        await chmod(path, 0o600);
        await writeFile(path, "garbage");
      }
      expect(await finish(target)).toMatchObject(refused);
      await gitAt({ gitDir: quarantinePath(target.checkout.control) }).run(["fsck", "--full", "--strict"]);
      await target.scratch.git.run(["fsck", "--full", "--strict"]);
    });
  });

  describe("time and floods", () => {
    it.each(["config", "HEAD", "index", "packed-refs", "info/attributes", `refs/heads/${BRANCH}`])(
      "H:S3 a pipe at .git/%s ends the job within the time limit, not the host",
      async (name) => {
        await using target = await attacked({ gitTimeoutMs: 3_000 });
        const pipe = join(target.checkout.path, ".git", name);
        await rm(pipe, { force: true });
        await mkdir(dirname(pipe), { recursive: true });
        await gitAt().run(["-c", `alias.pipe=!mkfifo '${pipe}'`, "pipe"]);
        await writeFiles(target.checkout.path, { "src/app.txt": "changed\n" });
        expect(await finish(target)).toMatchObject(refused);
        expect(lstatSync(pipe).isFIFO()).toBe(true);
      },
    );

    it("H:S3 a filter that never ends is ended with all that it started", async () => {
      await using target = await attacked({ gitTimeoutMs: 3_000 });
      await writeFiles(target.checkout.path, { ".gitattributes": "*.txt filter=slow\n", "src/app.txt": "changed\n" });
      await target.agent.run([
        "config",
        "filter.slow.clean",
        `sh -c 'echo ran > ${target.checkout.path}/ran; setsid sleep 6543 & sleep 6543'`,
      ]);
      expect(await finish(target)).toMatchObject(refused);
      expect(existsSync(join(target.checkout.path, "ran"))).toBe(true);
      const names = await Promise.all((await readdir("/proc")).map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
      expect(names.filter((name) => name === "sleep\u00006543\u0000")).toEqual([]);
    });

    it("H:S14 more refs than a host reads are refused", async () => {
      await using target = await attacked();
      const lines = Array.from({ length: 100_000 }, (_, at) => `${target.checkout.head} refs/tags/${"flood-".repeat(10)}${String(at)}\n`);
      await writeFile(join(target.checkout.path, ".git", "packed-refs"), lines.toSorted().join(""));
      expect(await finish(target)).toMatchObject(refused);
    });

    it("H:S14 a pack above the limit is refused, and one below it is not", async () => {
      await using target = await attacked({ maxPackBytes: 200_000 });
      const noise = Buffer.concat(Array.from({ length: 4_000 }, (_, at) => createHash("sha256").update(String(at)).digest()));
      const small = await plant(target, "blob", noise.subarray(0, 10_000));
      const commit = await commitTree(target, await plant(target, "tree", treeOf(["100644", "a.bin", small])));
      await target.worktrees.observe(target.checkout, null);
      expect(await received(target)).toBe(commit);
      const large = await plant(target, "blob", Buffer.concat([noise, noise.toReversed()]));
      await commitTree(target, await plant(target, "tree", treeOf(["100644", "a.bin", large])));
      await expect(target.worktrees.observe(target.checkout, null)).rejects.toMatchObject(refused);
      expect(await received(target)).toBe(commit);
    });
  });

  describe("objects", () => {
    it.each([".git", ".GIT", ".Git", "git~1", "GIT~1", ".g\u200cit", ".git ", ".git...", "..", ".", "a/b", "/etc"])(
      "H:S11 a tree with the name '%s' is refused",
      async (name) => {
        await using target = await attacked();
        const blob = await plant(target, "blob", Buffer.from("[core]\n\tfsmonitor = evil\n"));
        const folder = await plant(target, "tree", treeOf(["100644", "config", blob]));
        const commit = await commitTree(target, await plant(target, "tree", treeOf(["40000", name, folder])));
        await expect(target.worktrees.observe(target.checkout, null)).rejects.toMatchObject(refused);
        expect(await target.agent.text(["cat-file", "-t", commit])).toBe("commit");
        expect(await commitAt(quarantineGit(target.checkout.control), commit)).toBeNull();
        expect(await received(target)).toBeNull();
      },
    );

    it("H:S11 a link as .gitmodules is refused, and the target of any other link is data", async () => {
      await using target = await attacked();
      const blob = await plant(target, "blob", Buffer.from("/etc/passwd"));
      await commitTree(target, await plant(target, "tree", treeOf(["120000", ".gitmodules", blob])));
      await expect(target.worktrees.observe(target.checkout, null)).rejects.toMatchObject(refused);
      const commit = await commitTree(target, await plant(target, "tree", treeOf(["120000", "passwd", blob])));
      expect(await target.worktrees.observe(target.checkout, null)).toMatchObject({ headAfter: commit, commits: 1 });
      expect(await quarantineGit(target.checkout.control).text(["cat-file", "blob", `${commit}:passwd`])).toBe("/etc/passwd");
    });

    it("H:S5 replaced, grafted and indexed history is told from objects", async () => {
      await using target = await attacked();
      const { agent, checkout } = target;
      const orphan = await agent.text(["commit-tree", "HEAD^{tree}", "-m", "A better past"]);
      const looksGood = await agent.text(["commit-tree", "HEAD^{tree}", "-p", checkout.head, "-m", "A better past"]);
      await agent.run(["update-ref", `refs/heads/${BRANCH}`, orphan]);
      await agent.run(["update-ref", `refs/replace/${orphan}`, looksGood]);
      await writeFiles(join(checkout.path, ".git"), {
        "info/grafts": `${orphan} ${checkout.head}\n`,
        "objects/info/commit-graph": "CGPH garbage",
        "objects/pack/multi-pack-index": "MIDX garbage",
      });
      // To the agent's own git the branch is in order.
      const ancestor = await agent.ask(["merge-base", "--is-ancestor", checkout.head, orphan], { env: { GIT_NO_REPLACE_OBJECTS: "1" } });
      expect(ancestor).toBe(true);
      const seen = await target.worktrees.observe(checkout, null);
      expect(seen).toMatchObject({ headAfter: orphan, rewritten: true, containsBase: false });
      expect(seen.strayRefs).toContain(`refs/replace/${orphan} ${looksGood}`);
      const kept = await readdir(quarantinePath(checkout.control), { recursive: true });
      expect(kept.filter((name) => /grafts|commit-graph|multi-pack-index|alternates|replace/.test(name))).toEqual([]);
    });

    it("H:S7 an object of another repository cannot be named into the work: neither by its digest nor through alternates", async () => {
      await using target = await attacked();
      const { agent, checkout, scratch } = target;
      const hidden = await scratch.commit("hidden", { "password.txt": "hunter2\n" });
      await scratch.git.run(["update-ref", "-d", "refs/heads/hidden"]);
      expect(await scratch.git.text(["cat-file", "-t", hidden])).toBe("commit");
      const ref = join(checkout.path, ".git", "refs", "heads", "millrace", "task");
      await writeFile(ref, `${hidden}\n`);
      await expect(target.worktrees.observe(checkout, null)).rejects.toMatchObject(refused);
      await writeFile(join(checkout.path, ".git", "objects", "info", "alternates"), `${join(scratch.bare, "objects")}\n`);
      expect(await agent.text(["cat-file", "-t", hidden])).toBe("commit");
      await expect(target.worktrees.observe(checkout, null)).rejects.toMatchObject(refused);
      expect(await received(target)).toBeNull();
      expect(await commitAt(quarantineGit(checkout.control), hidden)).toBeNull();
    });

    it("H:S7 there is no remote to push to, and the branches of the remote can be read", async () => {
      await using target = await attacked();
      const { agent, scratch } = target;
      const main = await scratch.tip("main");
      await writeFiles(target.checkout.path, { "work.txt": "done\n" });
      await agent.run(["add", "--all"]);
      await agent.run(["commit", "--quiet", "-m", "Work"]);
      expect(await agent.text(["remote"])).toBe("");
      for (const command of [["push", "origin", "HEAD:refs/heads/main"], ["fetch", "origin"], ["push"]])
        expect((await agent.run(command, { protocols: ["file"], accept: [1, 128] })).code).toBe(128);
      expect(await agent.text(["diff", "--name-only", "origin/main...HEAD"])).toBe("work.txt");
      expect(await scratch.tip("main")).toBe(main);
      expect(await agent.text(["config", "--list", "--local"])).not.toContain(scratch.root);
    });

    it("H:S14 a tree of more paths than a host lists, made of a few objects, is refused", async () => {
      await using target = await attacked();
      let id = await plant(target, "blob", Buffer.from("x"));
      for (let level = 0; level < 8; level += 1) {
        const mode = level === 0 ? "100644" : "40000";
        const entries = Array.from({ length: 16 }, (_, at) => [mode, `entry-${String(at).padStart(2, "0")}`, id] as const);
        id = await plant(target, "tree", treeOf(...entries));
      }
      await commitTree(target, id);
      await expect(target.worktrees.observe(target.checkout, null)).rejects.toMatchObject(refused);
      expect(await received(target)).toBeNull();
    });

    it("H:S14 a few objects with more bytes than a disk should hold are refused", async () => {
      await using target = await attacked();
      const blob = await plant(target, "blob", Buffer.alloc(64 * 1024 * 1024));
      const entries = Array.from({ length: 70 }, (_, at) => ["100644", `file-${String(at).padStart(2, "0")}`, blob] as const);
      await commitTree(target, await plant(target, "tree", treeOf(...entries)));
      await expect(target.worktrees.observe(target.checkout, null)).rejects.toMatchObject(refused);
      expect(await received(target)).toBeNull();
    });

    it.each([600, 5_000])("H:S14 a path of %d folders is undeliverable", async (depth) => {
      await using target = await attacked();
      let id = await plant(target, "blob", Buffer.from("x"));
      for (let level = 0; level < depth; level += 1) id = await plant(target, "tree", treeOf([level === 0 ? "100644" : "40000", "d", id]));
      await commitTree(target, id);
      const { undeliverable } = await target.worktrees.observe(target.checkout, null);
      expect(undeliverable.filter((path) => path.endsWith("… (too long)"))).toHaveLength(1);
    });
  });
});
