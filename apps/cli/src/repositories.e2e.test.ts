/**
 * Awkward repositories: `init`, `doctor` and `run` each say one sentence with a fix that works. The table that this test prints is the
 * one in docs/repositories.md.
 */
import { execFile } from "node:child_process";
import { chown, mkdir, readdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { SampleScript } from "@millrace/executors";
import { afterAll, describe, expect, it } from "vitest";
import { createRepository, createSandbox, type Sandbox } from "./sandbox.fixture.js";

interface Row {
  readonly name: string;
  readonly init: string;
  readonly doctor: string;
  readonly run: string;
}

const rows: Row[] = [];
afterAll(() => {
  for (const { name, init, doctor, run } of rows) console.log(`${name}\n  init    ${init}\n  doctor  ${doctor}\n  run     ${run}`);
});

const writes = (path: string, text = "new\n"): SampleScript => ({
  turns: [
    { kind: "coder", plan: [], actions: [{ write: { path, text } }], say: "written" },
    { kind: "merger", plan: [], actions: [], say: '{"complexity":0.1,"risk":0.1,"impact":0.1,"rationale":"small"}' },
  ],
});

/** The sentences of an output that are errors, fixes, warnings or about the repository. */
function sentences({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }, folder: string): string {
  const wanted =
    /^(error:|fix:|warn|fail|failed|merged as|'|you are in|the remote|the agent changed|.*(submodule|git filter|remote leads))/;
  const others = /^(ok|warn|fail) +(agent|disk|leases|checks) |make the board anew with --check|^base |^\d.* s {2}/;
  const lines = `${stderr}${stdout}`.split("\n").filter((line) => wanted.test(line.trim()) && !others.test(line.trim()));
  return lines
    .map((line) => line.trim().replaceAll(dirname(folder), "").replace(/\s+/g, " "))
    .join(" ")
    .replace(/[0-9a-f]{10,40}/g, "…");
}

interface Outcome {
  readonly init: string;
  readonly doctor: string;
  readonly run: string;
}

/** What the three commands say in a repository, with an agent that writes one file. */
async function said(
  sandbox: Sandbox,
  name: string,
  options: { readonly script?: SampleScript; readonly init?: readonly string[] } = {},
): Promise<Outcome> {
  const agent = await sandbox.agent(options.script ?? writes("new.txt"));
  const made = await sandbox.cli("init", "--no-ci", "--agent", agent, ...(options.init ?? []));
  const looked = await sandbox.cli("doctor", "--agent", agent);
  const added = await sandbox.cli("task", "add", "Change something", "--pipeline", "pl_minimal", "--json");
  const task = added.code === 0 ? (JSON.parse(added.stdout) as { task: { id: string } }).task.id : "x";
  const ran = await sandbox.cli("run", task, "--agent", agent);
  const outcome = { init: sentences(made, sandbox.folder), doctor: sentences(looked, sandbox.folder), run: sentences(ran, sandbox.folder) };
  rows.push({ name, ...outcome });
  return outcome;
}

const NO_BOARD = /^error: there is no Millrace board .* fix: go to the top folder of a git repository and run: millrace init$/;

/** `init` refuses with its fix; there is no board for the others. */
function expectRefusal(outcome: Outcome, message: RegExp): void {
  expect(outcome.init).toMatch(message);
  expect(outcome.run).toMatch(NO_BOARD);
}

const git = async (cwd: string, ...args: readonly string[]): Promise<string> =>
  (
    await promisify(execFile)("git", ["-c", "protocol.file.allow=always", ...args], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: dirname(cwd) },
    })
  ).stdout;

/** A repository whose history comes from an origin beside it. */
async function cloned(...args: readonly string[]): Promise<Sandbox> {
  const sandbox = await createSandbox();
  const origin = join(dirname(sandbox.folder), "origin.git");
  await using source = await createRepository({ "readme.md": "one\n", "src/a.txt": "a\n" });
  await source.write("readme.md", "two\n");
  await source.commit("Second");
  await git(dirname(sandbox.folder), "clone", "--quiet", "--bare", source.folder, origin);
  await git(origin, "config", "uploadpack.allowFilter", "true");
  await git(sandbox.folder, "clone", "--quiet", ...args, `file://${origin}`, ".");
  return sandbox;
}

describe("files that are not what they seem", () => {
  it("F:A15 a filter that encrypts: init and doctor warn, a change of such a file is refused by name", async () => {
    await using sandbox = await createRepository({ ".gitattributes": "*.secret filter=x\n", "keys/a.secret": "ciphertext" });
    const { init, doctor, run } = await said(sandbox, "encrypting filter", { script: writes("keys/a.secret", "plain") });
    for (const text of [init, doctor, run])
      expect(text).toMatch(/keys\/a\.secret goes through the git filter 'x', which Millrace does not run/);
    expect(run).toMatch(/failed in step 1.*cannot be delivered as it is: keys\/a\.secret \(filter=x\)/);
    expect(await sandbox.git("--git-dir", sandbox.path(".millrace", "repo.git"), "show", "main:keys/a.secret")).toBe("ciphertext");
  }, 120_000);

  it("F:A15 LFS: the same", async () => {
    await using sandbox = await createRepository({
      ".gitattributes": "*.psd filter=lfs diff=lfs merge=lfs -text\n",
      "art/logo.psd": "pointer",
    });
    const { init, run } = await said(sandbox, "LFS", { script: writes("art/new.psd", "pixels") });
    expect(init).toMatch(/art\/logo\.psd goes through the git filter 'lfs'.*\(LFS pointers\)/);
    expect(run).toMatch(/art\/new\.psd \(filter=lfs\)/);
  }, 120_000);

  it("F:A15 a submodule: init and doctor warn, work inside is refused by name", async () => {
    await using library = await createRepository({ "lib.txt": "lib\n" });
    await using sandbox = await createRepository();
    await sandbox.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.folder, "vendor/lib");
    await sandbox.commit("Add a submodule");
    const { init, doctor, run } = await said(sandbox, "submodule", { script: writes("vendor/lib/work.txt") });
    for (const text of [init, doctor]) expect(text).toMatch(/vendor\/lib is a submodule: empty for agents and checks/);
    expect(run).toMatch(/vendor\/lib\/work\.txt \(submodule\)/);
  }, 120_000);

  it("F:E7 results that git ignores are not delivered, and the hint says so", async () => {
    await using sandbox = await createRepository({ ".gitignore": "dist/\n" });
    const agent = await sandbox.agent(writes("dist/out.txt"));
    await sandbox.cli("init", "--no-ci", "--agent", agent);
    await sandbox.cli("task", "add", "Build", "--pipeline", "pl_minimal");
    const ran = await sandbox.cli("run");
    expect(ran.stdout).toMatch(/no commit on 'millrace\/\S+'/);
    expect(ran.stdout).toContain("files that .gitignore covers are not delivered");
    rows.push({ name: "only git-ignored results", init: "", doctor: "", run: sentences(ran, sandbox.folder) });
  }, 120_000);
});

describe("histories with gaps", () => {
  it("F:E7 a shallow clone is refused, and its fix works", async () => {
    await using sandbox = await cloned("--depth=1");
    expectRefusal(
      await said(sandbox, "shallow clone"),
      /is a shallow clone: its history is cut off fix: Fetch the rest: git -C .* fetch --unshallow$/,
    );
    await git(sandbox.folder, "fetch", "--quiet", "--unshallow");
    expect(await sandbox.cli("init", "--no-ci")).toMatchObject({ code: 0 });
  }, 120_000);

  it("F:E7 a partial clone is refused, and its fix works", async () => {
    await using sandbox = await cloned("--filter=blob:none");
    expectRefusal(
      await said(sandbox, "partial clone"),
      /is a partial clone: objects .* fix: Fetch them: git -C .* fetch --refetch --no-filter$/,
    );
    await git(sandbox.folder, "fetch", "--quiet", "--refetch", "--no-filter");
    expect(await sandbox.cli("init", "--no-ci")).toMatchObject({ code: 0 });
  }, 120_000);

  it("F:E7 no commit yet, a detached HEAD and a missing base are refused with what to type", async () => {
    await using empty = await createSandbox();
    await empty.git("init", "--quiet", "--initial-branch=main");
    expectRefusal(await said(empty, "no commit yet"), /has no commit yet fix: Commit something first: cd .* && git add -A && git commit/);
    await using detached = await createRepository();
    await detached.git("checkout", "--quiet", "--detach");
    expectRefusal(await said(detached, "detached HEAD"), /is on no branch \(detached HEAD\).* fix: Name the base: --base main$/);
    await using other = await createRepository();
    expectRefusal(
      await said(other, "no such base", { init: ["--base", "trunk"] }),
      /has no branch 'trunk' fix: Name one it has: --base main$/,
    );
    expect(await detached.cli("init", "--no-ci", "--base", "main")).toMatchObject({ code: 0 });
  }, 120_000);

  it("F:E7 a base that is gone from the board's repository stops run before anything is started", async () => {
    await using sandbox = await createRepository();
    const agent = await sandbox.agent(writes("new.txt"));
    await sandbox.cli("init", "--no-ci", "--agent", agent);
    await sandbox.cli("task", "add", "Change");
    await sandbox.git("--git-dir", sandbox.path(".millrace", "repo.git"), "update-ref", "-d", "refs/heads/main");
    const [looked, ran] = [await sandbox.cli("doctor"), await sandbox.cli("run")];
    expect(ran.stderr).toMatch(/has no branch 'main'.*\nfix: Push the branch to it again: git push millrace main/);
    expect((await sandbox.cli("runs")).stdout).toContain("no run yet");
    rows.push({
      name: "base gone from the board",
      init: "",
      doctor: sentences(looked, sandbox.folder),
      run: sentences(ran, sandbox.folder),
    });
    await sandbox.git("push", "--quiet", "millrace", "main");
    expect((await sandbox.cli("doctor")).stdout).toMatch(/ok {4}repository/);
  }, 120_000);
});

describe("folders that are not plain top folders", () => {
  it("F:E7 a bare repository is refused with the way to a working copy", async () => {
    await using source = await createRepository();
    await using sandbox = await createSandbox();
    await git(sandbox.folder, "clone", "--quiet", "--bare", source.folder, ".");
    const { init, run } = await said(sandbox, "bare repository");
    expect(init).toMatch(/is a bare repository, without a working copy fix: make a working copy and go there: git clone /);
    expect(run).toMatch(NO_BOARD);
  }, 120_000);

  it("F:E7 below the top of a monorepo the board is for all of it, and init says so", async () => {
    await using sandbox = await createRepository({ "packages/a/a.txt": "a\n" });
    const made = await sandbox.cliIn("packages/a", "init", "--no-ci");
    expect(made.stderr).toMatch(/you are in a folder below the top: the board is for the whole repository, and its checks run at '/);
    expect(await sandbox.cliIn("packages/a", "tasks")).toMatchObject({ code: 0 });
    rows.push({ name: "monorepo subfolder", init: sentences(made, sandbox.folder), doctor: "", run: "" });
  }, 120_000);

  it("F:E7 a linked worktree works; a second one is told of the remote that both share, and its fix works", async () => {
    await using sandbox = await createRepository();
    await sandbox.git("worktree", "add", "--quiet", "-b", "side", join(dirname(sandbox.folder), "side"));
    const made = await sandbox.cliIn("../side", "init", "--no-ci");
    expect(made).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/is a linked worktree: the board goes with this folder/) as string,
    });
    rows.push({ name: "linked worktree", init: sentences(made, sandbox.folder), doctor: "", run: "" });
    const second = await sandbox.cli("init", "--no-ci");
    expect(second.stderr).toMatch(
      /already has another remote named 'millrace': it leads to '.*side.*'\nfix: .*worktrees share their remotes.*remote remove millrace/,
    );
    rows.push({ name: "second worktree", init: sentences(second, sandbox.folder), doctor: "", run: "" });
    await sandbox.git("remote", "remove", "millrace");
    expect(await sandbox.cli("init", "--no-ci")).toMatchObject({ code: 0 });
  }, 120_000);

  it("F:E7 a moved folder: doctor and run name the remote that leads to the old place, and the fix works", async () => {
    await using sandbox = await createRepository();
    const agent = await sandbox.agent(writes("new.txt"));
    await sandbox.cli("init", "--no-ci", "--agent", agent);
    await sandbox.cli("task", "add", "Change", "--pipeline", "pl_minimal");
    const moved = join(dirname(sandbox.folder), "moved");
    await mkdir(moved);
    for (const name of await readdir(sandbox.folder)) await rename(sandbox.path(name), join(moved, name));
    // A board at another place is another board to the list of those that are trusted.
    expect(await sandbox.cliIn("../moved", "trust")).toMatchObject({ code: 0 });
    const [looked, ran] = [await sandbox.cliIn("../moved", "doctor", "--agent", agent), await sandbox.cliIn("../moved", "run")];
    expect(looked.stdout).toMatch(/warn {2}remote .* leads to '.*', not to this board[\s\S]*fix: git -C '.*moved' remote set-url millrace/);
    expect(ran.stdout).toContain("merged as");
    rows.push({ name: "moved folder", init: "", doctor: sentences(looked, sandbox.folder), run: sentences(ran, sandbox.folder) });
    await git(moved, "remote", "set-url", "millrace", join(moved, ".millrace", "repo.git"));
    await git(moved, "pull", "--quiet", "millrace", "main");
    expect(await readdir(moved)).toContain("new.txt");
  }, 120_000);

  it.runIf(process.getuid?.() === 0)(
    "F:E7 another owner's repository is refused, and its fix works",
    async () => {
      await using sandbox = await createRepository();
      await chown(sandbox.path(".git"), 65_534, 65_534);
      expectRefusal(
        await said(sandbox, "another owner"),
        /belongs to another user \(uid 65534\), and git does not trust it fix: Make it yours: sudo chown -R 0 /,
      );
      await promisify(execFile)("chown", ["-R", "0", sandbox.folder]);
      expect(await sandbox.cli("init", "--no-ci")).toMatchObject({ code: 0 });
    },
    120_000,
  );
});

describe("F:C11 checks on the base", () => {
  it.each([
    ["green", "true", /ok {4}check +'true' is green on main/],
    ["red", "echo broken && false", /warn {2}check +'false' is red on main already[\s\S]*\| broken[\s\S]*fix: repair it on main/],
    [
      "without its program",
      "no-such-program",
      /fail {2}check +'no-such-program' cannot run on main[\s\S]*not found[\s\S]*fix: install what it needs/,
    ],
  ])(
    "are tried by init and doctor: %s",
    async (_name, command, wanted) => {
      await using sandbox = await createRepository();
      const made = await sandbox.cli("init", "--check", command);
      expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(wanted) as string });
      expect((await sandbox.cli("doctor")).stdout).toMatch(wanted);
      expect((await sandbox.cli("doctor", "--no-check-run")).stdout).not.toMatch(/ check +'/);
    },
    120_000,
  );

  it("that are red already go to a person, and no fixer is sent", async () => {
    await using sandbox = await createRepository();
    await sandbox.cli("init", "--no-check-run", "--check", "echo broken && false", "--agent", await sandbox.agent(writes("new.txt")));
    await sandbox.cli("task", "add", "Change", "--pipeline", "pl_minimal");
    const ran = await sandbox.cli("run");
    expect(ran).toMatchObject({
      code: 6,
      stdout: expect.stringMatching(/'false' is red on the base already, without the change: broken/) as string,
    });
    expect(ran.stdout).toContain("'look again'");
    expect(ran.stdout).not.toContain("sends the ci-fixer");
  }, 120_000);
});
