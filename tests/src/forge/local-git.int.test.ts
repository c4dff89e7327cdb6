import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { CommitSha } from "@millrace/contracts";
import { createCommandRunner } from "@millrace/executors";
import { createLocalGitForge, initLocalRepository } from "@millrace/integrations";
import type { LocalGitCheck } from "@millrace/integrations";
import type { PullRequestLedger } from "@millrace/kernel";
import { digestJson } from "@millrace/kernel";
import { describe, expect, it, vi } from "vitest";
import { type FileChanges, type ForgeHarness, BRANCH, FIRST_FILES, openWork } from "@millrace/testing/internal/forge-harness";
import { describeForgeConformance } from "@millrace/testing/vitest";
import { createVirtualClock, createMemoryStore } from "@millrace/testing";

const run = promisify(execFile);
const identity = {
  GIT_AUTHOR_NAME: "Person",
  GIT_AUTHOR_EMAIL: "person@example.org",
  GIT_COMMITTER_NAME: "Person",
  GIT_COMMITTER_EMAIL: "person@example.org",
};
const env = { PATH: process.env["PATH"] ?? "", HOME: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", ...identity };

/** A check that ends when the test writes its exit code into a named pipe of the commit. */
const WAITS =
  'at="$CONTROL/$(git rev-parse HEAD)-$NAME"; echo "checking"; mkfifo "$at" 2>/dev/null; read -r code < "$at"; echo "told $code"; exit "$code"';
const ANSWERS = 'mkfifo "$1" 2>/dev/null; echo "$2" > "$1"';

interface LocalHarness extends ForgeHarness {
  readonly root: string;
  readonly bare: string;
  readonly ledger: PullRequestLedger;
  readonly checksRoot: string;
  git(...args: string[]): Promise<string>;
  /** Resolves when the next check of the commit is recorded as completed. */
  checkConcluded(head: CommitSha): Promise<void>;
}

function waitingCheck(name: string, control: string): LocalGitCheck {
  return { name, argv: ["/bin/sh", "-c", WAITS], timeoutMs: 60_000, env: { CONTROL: control, NAME: name } };
}

interface HarnessOptions {
  readonly checks: (folders: { readonly control: string }) => readonly LocalGitCheck[];
  readonly concurrency?: number;
}

async function createLocalHarness(options: HarnessOptions): Promise<LocalHarness> {
  const root = await mkdtemp(join(tmpdir(), "millrace-forge-"));
  const [bare, control, checksRoot] = [join(root, "project.git"), join(root, "control"), join(root, "checks")];
  await mkdir(control);
  await initLocalRepository({ path: bare, from: null });
  const clock = createVirtualClock();
  const ledger = createMemoryStore({ clock }).pullRequests;
  const waiting: { readonly head: CommitSha; readonly resolve: () => void }[] = [];
  let loseNext = false;
  const breakable: PullRequestLedger = {
    ...ledger,
    markMerged: async (...args) => {
      if (!loseNext) return ledger.markMerged(...args);
      loseNext = false;
      throw new Error("the process died here");
    },
  };
  const start = () =>
    createLocalGitForge({
      ledger: breakable,
      commands: createCommandRunner({ graceMs: 100 }),
      clock,
      root,
      checksRoot,
      repositories: async (id) => (id === "project" ? { path: bare, url: bare, checks: options.checks({ control }) } : null),
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
      onCheckCompleted: (_repository, head) => {
        for (const entry of waiting.splice(0)) {
          if (entry.head === head) entry.resolve();
          else waiting.push(entry);
        }
      },
    });
  let forge = start();
  const git = async (...args: string[]) => (await run("git", [`--git-dir=${bare}`, ...args], { env })).stdout.trim();
  const tip = (branch: string) => git("rev-parse", "--verify", "--quiet", `refs/heads/${branch}`).catch(() => null);
  const checkConcluded = (head: CommitSha) => new Promise<void>((resolve) => waiting.push({ head, resolve }));
  const harness: LocalHarness = {
    get forge() {
      return forge;
    },
    repository: { forge: "local-git", id: "project", base: "main" },
    root,
    bare,
    ledger,
    checksRoot,
    git,
    checkConcluded,
    tip,
    async commit(branch, changes) {
      const parent = (await tip(branch)) ?? (await tip("main")) ?? "";
      const made = await commitFiles(root, bare, parent, changes);
      await git("update-ref", `refs/heads/${branch}`, made);
      return made;
    },
    async makeExecutable(branch, path) {
      const parent = (await tip(branch)) ?? "";
      const made = await commitFiles(root, bare, parent, {}, (inFolder) => inFolder("update-index", "--chmod=+x", path));
      await git("update-ref", `refs/heads/${branch}`, made);
      return made;
    },
    async point(branch, commit) {
      await git("update-ref", `refs/heads/${branch}`, commit);
    },
    parents: async (commit) => (await git("rev-list", "--parents", "--max-count=1", commit)).split(" ").slice(1),
    async files(commit) {
      const paths = (await git("ls-tree", "-r", "--name-only", commit)).split("\n").filter((path) => path !== "");
      return Object.fromEntries(
        await Promise.all(
          paths.map(
            async (path) => [path, (await run("git", [`--git-dir=${bare}`, "show", `${commit}:${path}`], { env })).stdout] as const,
          ),
        ),
      );
    },
    async registerChecks(head) {
      await forge.checks(harness.repository, head);
    },
    async concludeCheck(head, name, conclusion) {
      const done = checkConcluded(head);
      await run("/bin/sh", ["-c", ANSWERS, "sh", join(control, `${head}-${name}`), conclusion === "success" ? "0" : "1"]);
      await done;
    },
    loseNextMerge() {
      loseNext = true;
    },
    async restart() {
      await forge[Symbol.asyncDispose]();
      forge = start();
    },
    async [Symbol.asyncDispose]() {
      await forge[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
  await harness.commit("main", FIRST_FILES);
  return harness;
}

async function commitFiles(
  root: string,
  bare: string,
  parent: string,
  changes: FileChanges,
  also: (git: (...args: string[]) => Promise<string>) => Promise<unknown> = async () => undefined,
): Promise<CommitSha> {
  const work = await mkdtemp(join(root, "work-"));
  const git = async (...args: string[]) =>
    (
      await run("git", [`--git-dir=${bare}`, `--work-tree=${work}`, ...args], {
        cwd: work,
        env: { ...env, GIT_INDEX_FILE: `${work}.index` },
      })
    ).stdout.trim();
  await git("read-tree", parent);
  await git("checkout-index", "--all");
  for (const [path, text] of Object.entries(changes)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    if (text === null) await rm(join(work, path));
    else await writeFile(join(work, path), text);
  }
  await git("add", "--all");
  await also(git);
  return git("commit-tree", await git("write-tree"), "-p", parent, "-m", `Change ${Object.keys(changes).join(", ")}`);
}

describeForgeConformance("local-git", {
  createHarness: ({ checks }) => createLocalHarness({ checks: ({ control }) => checks.map((name) => waitingCheck(name, control)) }),
  skips: { "checks: none before CI took notice of the commit": "local-git is its own CI: asking for the checks of a commit starts them" },
});

function shell(name: string, script: string, more: Partial<LocalGitCheck> = {}): LocalGitCheck {
  return { name, argv: ["/bin/sh", "-c", script], timeoutMs: 60_000, ...more };
}

/** Commits, reads the checks and waits until one of them is completed. */
async function checkOnce(harness: LocalHarness, files: FileChanges = { "work.txt": "work\n" }) {
  const head = await harness.commit(BRANCH, files);
  const done = harness.checkConcluded(head);
  await harness.forge.checks(harness.repository, head);
  await done;
  const [check] = await harness.forge.checks(harness.repository, head);
  return { head, check };
}

describe("local-git checks", () => {
  it("run in a clean checkout of exactly the commit, with a clean environment, and leave nothing behind", async () => {
    vi.stubEnv("MILLRACE_SECRET", "leaked");
    await using harness = await createLocalHarness({
      checks: () => [
        shell("look", 'git rev-parse HEAD; git status --porcelain --ignored; git remote; ls; env | grep -c SECRET; echo "$CI $EXTRA"', {
          env: { EXTRA: "given" },
        }),
      ],
    });
    await harness.commit(BRANCH, { ".gitattributes": "README.md export-ignore\n" });
    const { head, check } = await checkOnce(harness);
    vi.unstubAllEnvs();
    expect(check).toMatchObject({
      name: "look",
      conclusion: "success",
      url: `local-git:project#checks/${head}/look`,
      summary: `${head}\nREADME.md\napp.txt\nwork.txt\n0\ntrue given`,
    });
    expect(await readdir(harness.checksRoot)).toEqual([]);
  });

  it("keep the end of a long output, and its last 4,000 characters as the summary", async () => {
    const loud = shell("loud", "i=0; while [ $i -lt 40000 ]; do echo 0123456789; i=$((i+1)); done; echo the end; exit 3");
    await using harness = await createLocalHarness({ checks: () => [loud] });
    const { head, check } = await checkOnce(harness);
    expect(check?.conclusion).toBe("failure");
    expect(check?.summary).toHaveLength(4000);
    expect(check?.summary?.endsWith("the end\n\n[exit code 3]")).toBe(true);
    const settings = await digestJson({ argv: loud.argv, timeoutMs: loud.timeoutMs, env: {} });
    const [stored] = await harness.ledger.checks("project", head, settings);
    expect(stored?.output.length).toBeGreaterThan(250_000);
    expect(stored?.output.length).toBeLessThan(263_000);
  });

  it("tell a time-out from a failure", async () => {
    await using harness = await createLocalHarness({ checks: () => [shell("slow", "sleep 600", { timeoutMs: 50 })] });
    expect((await checkOnce(harness)).check).toMatchObject({ status: "completed", conclusion: "timed_out" });
  });

  it("F:C11 that cannot run ask for a person, are told once, and are tried again at the next look", async () => {
    await using broken = await createLocalHarness({ checks: () => [shell("unit", "no-such-program-anywhere")] });
    const { head, check } = await checkOnce(broken);
    expect(check).toMatchObject({
      status: "completed",
      conclusion: "action_required",
      summary: expect.stringContaining("[exit code 127]") as string,
    });
    const done = broken.checkConcluded(head);
    await broken.forge.checks(broken.repository, head);
    await done;
    expect(await broken.forge.checks(broken.repository, head)).toMatchObject([{ conclusion: "action_required" }]);
  });

  it("cannot judge a commit that took the check's own program away", async () => {
    await using harness = await createLocalHarness({ checks: () => [{ name: "own", argv: ["./check.sh"], timeoutMs: 60_000 }] });
    const { check } = await checkOnce(harness);
    expect(check).toMatchObject({ conclusion: "action_required" });
    expect(check?.summary).toContain("./check.sh");
  });

  it("start once, however many ask", async () => {
    await using harness = await createLocalHarness({ checks: ({ control }) => [shell("count", `echo x >> ${control}/count`)] });
    const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
    const done = harness.checkConcluded(head);
    await Promise.all(Array.from({ length: 5 }, () => harness.forge.checks(harness.repository, head)));
    await done;
    await harness.forge.checks(harness.repository, head);
    await harness.restart();
    await harness.forge.checks(harness.repository, head);
    expect(await readFile(join(harness.root, "control", "count"), "utf8")).toBe("x\n");
  });

  it("wait for a free place beyond the limit", async () => {
    await using harness = await createLocalHarness({
      concurrency: 1,
      checks: ({ control }) => ["a", "b"].map((name) => waitingCheck(name, control)),
    });
    const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
    await harness.registerChecks(head);
    await harness.concludeCheck(head, "a", "success");
    expect(await harness.forge.checks(harness.repository, head)).toMatchObject([
      { conclusion: "success" },
      { status: expect.stringMatching(/queued|in_progress/) },
    ]);
    await harness.concludeCheck(head, "b", "success");
  });

  it("run again when the process that ran them stopped", async () => {
    await using harness = await createLocalHarness({ checks: ({ control }) => [waitingCheck("unit", control)] });
    const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
    await harness.registerChecks(head);
    await harness.restart();
    expect(await harness.forge.checks(harness.repository, head)).toMatchObject([{ conclusion: null }]);
    await harness.concludeCheck(head, "unit", "success");
    expect(await harness.forge.checks(harness.repository, head)).toMatchObject([{ conclusion: "success" }]);
  });

  it("run again when their command or its settings changed", async () => {
    let script = "exit 1";
    await using harness = await createLocalHarness({ checks: () => [shell("unit", script)] });
    const { head, check } = await checkOnce(harness);
    expect(check).toMatchObject({ conclusion: "failure" });
    script = "exit 0";
    const done = harness.checkConcluded(head);
    await harness.forge.checks(harness.repository, head);
    await done;
    expect(await harness.forge.checks(harness.repository, head)).toMatchObject([{ conclusion: "success" }]);
  });

  it("are refused for a commit the repository does not have", async () => {
    await using harness = await createLocalHarness({ checks: () => [shell("unit", "exit 0")] });
    await expect(harness.forge.checks(harness.repository, "0123456789abcdef0123456789abcdef01234567")).rejects.toMatchObject({
      code: "forge_refused",
    });
  });
});

describe("local-git pull requests", () => {
  const none: HarnessOptions = { checks: () => [] };

  it("say which pull request a merge belongs to", async () => {
    await using harness = await createLocalHarness(none);
    const { pull, head, base } = await openWork(harness);
    expect(pull.url).toBe("local-git:project#1");
    await harness.forge.merge(harness.repository, pull, { head, base }, "Merge the work");
    expect(await harness.git("log", "-1", "--format=%an|%B", "main")).toBe("Millrace|Merge the work\n\nMillrace-Pull-Request: 1");
  });

  it("find a merge whose marker was lost with the crash", async () => {
    await using harness = await createLocalHarness(none);
    const { pull, head, base } = await openWork(harness);
    harness.loseNextMerge();
    await expect(harness.forge.merge(harness.repository, pull, { head, base }, "Merge")).rejects.toThrow("died");
    const [marker] = (await harness.git("for-each-ref", "--format=%(refname)", "refs/millrace/merges")).split("\n");
    await harness.git("update-ref", "-d", marker ?? "");
    const commit = await harness.commit("main", { "after.txt": "x\n" });
    const [landed] = await harness.parents(commit);
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ state: "merged", mergedAs: landed, head });
  });

  it("do not believe a marker whose merge never reached the base", async () => {
    await using harness = await createLocalHarness(none);
    const { pull, head, base } = await openWork(harness);
    harness.loseNextMerge();
    await expect(harness.forge.merge(harness.repository, pull, { head, base }, "Merge")).rejects.toThrow("died");
    await harness.point("main", base);
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ state: "open", mergedAs: null });
    expect(await harness.forge.merge(harness.repository, pull, { head, base }, "Merge")).toMatchObject({ is: "merged" });
  });

  it("are merged when a person merged the branch by hand", async () => {
    await using harness = await createLocalHarness(none);
    const { pull, head, base } = await openWork(harness);
    const merged = await harness.git("commit-tree", `${head}^{tree}`, "-p", base, "-p", head, "-m", "By hand");
    await harness.point("main", merged);
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({
      state: "merged",
      mergedAs: merged,
      head,
      mergedBase: base,
    });
  });

  it("F:A6 are merged when a person moved the base forward to the branch, onto the base before it", async () => {
    await using harness = await createLocalHarness(none);
    const { forge, repository } = harness;
    const { pull, base } = await openWork(harness);
    const head = await harness.commit(BRANCH, { "more.txt": "more\n" });
    await harness.point("main", head);
    expect(await forge.findMerged(repository, BRANCH)).toEqual({ pullRequest: pull, commit: head, head, base });
    expect(await forge.read(repository, pull)).toMatchObject({ state: "merged", mergedAs: head, mergedBase: base });
  });

  it("F:A6 are merged when the base was moved forward to a branch that was updated from it", async () => {
    await using harness = await createLocalHarness(none);
    const { forge, repository } = harness;
    const { pull, head } = await openWork(harness);
    const base = await harness.commit("main", { "elsewhere.txt": "x\n" });
    await forge.updateBranch(repository, pull, head);
    const updated = (await harness.tip(BRANCH)) ?? "";
    await harness.point("main", updated);
    await harness.commit("main", { "after.txt": "x\n" });
    expect(await forge.read(repository, pull)).toMatchObject({ state: "merged", head: updated, mergedAs: updated, mergedBase: base });
  });

  it("F:A6 are not merged when the branch was only put back to what the base has", async () => {
    await using harness = await createLocalHarness(none);
    const { pull, base } = await openWork(harness);
    await harness.commit("main", { "elsewhere.txt": "x\n" });
    await harness.point(BRANCH, base);
    expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ state: "open", mergedAs: null });
    expect(await harness.forge.findMerged(harness.repository, BRANCH)).toBeNull();
  });

  it("need work of their own", async () => {
    await using harness = await createLocalHarness(none);
    await harness.point(BRANCH, (await harness.tip("main")) ?? "");
    await expect(harness.forge.openPullRequest(harness.repository, { branch: BRANCH, title: "Nothing", body: "" })).rejects.toMatchObject({
      code: "forge_refused",
    });
  });

  it("report a locked base as passing, and merge when it is free", async () => {
    await using harness = await createLocalHarness(none);
    const { pull, head, base } = await openWork(harness);
    const lock = join(harness.bare, "refs", "heads", "main.lock");
    await writeFile(lock, "");
    const merge = () => harness.forge.merge(harness.repository, pull, { head, base }, "Merge");
    await expect(merge()).rejects.toMatchObject({ code: "forge_failed" });
    await rm(lock);
    expect(await merge()).toMatchObject({ is: "merged" });
  });

  it("refuse repositories outside the root, and settings nobody could run", async () => {
    await using harness = await createLocalHarness(none);
    const forgeOf = (path: string, checks: readonly LocalGitCheck[] = []) =>
      createLocalGitForge({
        ledger: harness.ledger,
        commands: createCommandRunner(),
        clock: createVirtualClock(),
        root: join(harness.root, "control"),
        checksRoot: harness.checksRoot,
        repositories: async () => ({ path, url: path, checks }),
      });
    await using outside = forgeOf(harness.bare);
    await expect(outside.findPullRequest(harness.repository, BRANCH)).rejects.toMatchObject({ code: "path_outside" });
    await using twice = forgeOf(harness.bare, [shell("unit", "exit 0"), shell("unit", "exit 1")]);
    await expect(twice.findPullRequest(harness.repository, BRANCH)).rejects.toMatchObject({ code: "config_invalid" });
  });
});
