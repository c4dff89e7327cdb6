/**
 * Agents that attack, as jobs of a real host: with its database, its repository and its sandbox. One agent makes many attacks and tells what
 * came of each, which proves that they ran; each test says what must have come of one, and the last ones what was touched.
 */
import { spawnSync } from "node:child_process";
import { openSandbox } from "@millrace/executors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { git } from "../runtime/local-board.fixture.js";
import { openHostileBoard, type Attacked, type HostileBoard } from "./attacks/hostile-board.fixture.js";

const { works, problem, fix } = await openSandbox("bubblewrap").examine();
const SCENE_MS = 300_000;
/** Attacks of one job whose work is delivered all the same. */
const DELIVERED =
  "writes-filter links-work-files leaves-processes forges-results opens-board pushes seeks-secrets tells-secret claims-what-is-not swaps-links " +
  "hard-links traces signals sockets daemons floods-inodes dumps-core sets-user makes-devices sets-clock mounts steers-terminal";

if (!works)
  console.log(
    `no sandbox here (${problem}; ${fix}): an agent may do whatever its user can. Held without: the facts of S5, S6 by the commands of Millrace, S10, S14.`,
  );

describe.skipIf(!works)(`an agent in a sandbox${works ? "" : ` (${problem}; ${fix})`}`, () => {
  let board: HostileBoard;
  let attacked: Attacked;
  let [links, deep, flood]: readonly (Attacked | undefined)[] = [];

  beforeAll(async () => {
    board = await openHostileBoard("bubblewrap");
    [attacked, links, deep, flood] = await Promise.all([
      board.attack(DELIVERED, "pl_reviewed"),
      board.attack("links-git-files"),
      board.attack("writes-deep"),
      board.attack("floods-output"),
    ]);
  }, SCENE_MS);
  afterAll(() => board[Symbol.asyncDispose]());

  it("makes every attack, and honest work beside them is merged", async () => {
    expect(Object.keys(attacked.came)).toEqual(DELIVERED.split(" "));
    expect(JSON.stringify(attacked.came)).not.toContain("no such attack");
    expect(attacked.run.phase).toMatchObject({ is: "done" });
    expect(await attacked.landed("work-of-writes-filter.txt")).toContain("writes-filter");
  });

  it("H:S1 has its filter run in the sandbox: the file is filtered, and nothing outside is", async () => {
    expect(attacked.came["writes-filter"]).toBe("done");
    expect(await attacked.landed("bait.txt")).toBe("filtered:bait");
  });

  it("H:S2 has links in .git followed by no one: its checkout is destroyed, and that is all", () => {
    expect(links?.came).toEqual({ "links-git-files": 1 });
    expect(links?.run.phase).toMatchObject({ is: "failed", failure: { code: "checkout_destroyed" } });
  });

  it("H:S4 leaves no process, whatever it cleared and left", () => {
    expect(Number(attacked.came["leaves-processes"])).toBeGreaterThanOrEqual(1);
  });

  it("H:S5 writes results for itself and for others, and none of them is read", async () => {
    for (const { "forges-results": forged } of [attacked.came, attacked.ofReviewer])
      expect(forged).toEqual(expect.arrayContaining([["../outcome.json", "done", true]]));
    expect((await board.files()).filter(({ text }) => text.includes('"summary\\\\":\\\\"forged'))).toEqual([]);
    expect((await board.files()).length).toBeGreaterThan(5);
  });

  it("H:S6 reaches neither the board, nor a terminal, nor a command that approves", () => {
    expect(attacked.came["opens-board"]).toMatchObject({ database: "ENOENT", terminal: "ENXIO", approves: "ENOENT" });
  });

  it("H:S7 has no remote, and the repository of the host is not there", () => {
    expect(attacked.came["pushes"]).toEqual({ remotes: "", attempts: ["refused", "refused", "refused"], head: 40 });
  });

  it("H:S9 finds the host's secret in no environment and no file, in all of /proc", () => {
    expect(attacked.came["seeks-secrets"]).toEqual({ read: expect.any(Number), found: 0 });
    expect(Number((attacked.came["seeks-secrets"] as { read: number }).read)).toBeGreaterThan(5);
  });

  it("H:S10 says a secret of the host, and it is stored nowhere", async () => {
    expect(attacked.came["tells-secret"]).toBe("the token is [redacted].");
    expect((await board.files()).filter(({ text }) => text.includes(board.secret))).toEqual([]);
  });

  it("H:S11 has links out of its work as data: neither it nor the host reads through them", async () => {
    expect(attacked.came["links-work-files"]).toBe("ENOENT");
    expect(await attacked.landed("link-to-canary")).toMatch(/outside\/secret$/);
  });

  it("H:S12 writes nothing where its contract delivers nothing", () => {
    expect(attacked.ofReviewer["writes-when-read-only"]).toBe("EROFS");
  });

  it.runIf(process.getuid?.() === 0)("H:S13 another user of the machine reads nothing of the host", async () => {
    const asNobody = (...paths: readonly string[]): readonly string[] =>
      spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "cat", ...paths], { encoding: "utf8" })
        .stderr.split("\n")
        .filter((line) => line !== "");
    expect(asNobody(`${board.folder}/source/readme.md`)).toEqual([]);
    const paths = (await board.files()).map(({ path }) => path);
    const refused = asNobody(...paths);
    expect(refused).toHaveLength(paths.length);
    expect(refused.filter((line) => !line.endsWith("Permission denied"))).toEqual([]);
  });

  it("H:S14 floods its output, and the host keeps the end of it", async () => {
    expect(flood?.came).toEqual({ "floods-output": "flooded" });
    for (const { path, bytes } of await board.files()) expect([path, bytes < 9 * 1024 * 1024]).toEqual([path, true]);
  });

  it("H:X1 symlink swaps: a folder that is a link every other moment gives nothing of the host into the work", async () => {
    expect(attacked.came["swaps-links"]).toBe("swapping");
    for (const path of ["swapped/secret", "real/secret"]) expect(await attacked.landed(path)).not.toBe("what nobody touches");
  });

  it("H:X2 hard links: what it sees of the host can be neither linked nor written", () => {
    expect(attacked.came["hard-links"]).toEqual({ canary: "ENOENT", program: "EXDEV", node: "EXDEV", writes: "EROFS" });
  });

  it("H:X3 ptrace: no process of the host is there to trace", () => {
    expect(attacked.came["traces"]).toEqual({ host: "ESRCH", other: "ENOENT" });
  });

  it("H:X4 signals: it reaches its own processes, of all process ids", () => {
    expect(attacked.came["signals"]).toMatchObject({ host: "ESRCH", own: true });
    expect((attacked.came["signals"] as { reached: number }).reached).toBeLessThan(100);
  });

  it("H:X5 network: nothing answers, near or far, by address or by an abstract name", () => {
    expect(attacked.came["sockets"]).toEqual({ loopback: "ECONNREFUSED", far: "ENETUNREACH", abstract: "ECONNREFUSED" });
    expect(board.connections()).toBe(0);
  });

  it("H:X6 daemons: docker.sock, D-Bus and systemd have no socket there", () => {
    const { "docker.sock": docker, ...others } = attacked.came["daemons"] as Readonly<Record<string, string>>;
    expect([docker, ...new Set(Object.values(others))]).toEqual(["ENOENT", "ENOENT"]);
  });

  it("H:X7 inode flood: thousands of files in its .git cost it its own time", () => {
    expect(attacked.came["floods-inodes"]).toBe(5_000);
  });

  it("H:X8 core dumps: a crash writes nothing outside, and what handles crashes cannot be set", () => {
    expect(attacked.came["dumps-core"]).toMatchObject({ signal: "SIGSEGV", pattern: "EROFS" });
    expect((attacked.came["dumps-core"] as { trigger: string }).trigger).toMatch(/^(?:ENOENT|EACCES|EROFS|EPERM)$/);
  });

  it("H:X9 setuid: a program of its own that becomes its owner is itself", () => {
    expect(attacked.came["sets-user"]).toEqual({ mode: 0o6755, becomes: "1000", id: "1000" });
  });

  it("H:X10 devices: none is made, and those that are there are harmless", () => {
    const refused = expect.stringContaining("Operation not permitted");
    expect(attacked.came["makes-devices"]).toEqual({ disk: refused, memory: refused, devices: [] });
  });

  it("H:X11 clock: the time of the machine cannot be set", () => {
    expect(attacked.came["sets-clock"]).toBe("EPERM");
  });

  it("H:X12 mounts: no file system, no namespace, nothing of the root, nothing where a door would be", () => {
    const refused = expect.stringMatching(/superuser|permitted|denied/);
    const unshared = expect.stringContaining("failed");
    const door = expect.stringMatching(/^(?:ENOENT|EROFS)$/);
    expect(attacked.came["mounts"]).toEqual({ mount: refused, remount: refused, namespace: unshared, root: "EROFS", door });
  });

  it("H:X13 terminal escapes: they are kept as an agent said them, for commands to write out", () => {
    expect(attacked.came["steers-terminal"]).toContain("\u001B[2J");
  });

  it("H:X14 deep paths: a path longer than any is not delivered", async () => {
    expect(deep?.came).toEqual({ "writes-deep": "written" });
    expect(await git(board.bare, "ls-tree", "-r", "--name-only", "main")).not.toContain("deeper-and-deeper");
  });

  it("leaves everything as it was: the canary, the base, the repository, the processes, the sockets, the clock", async () => {
    expect(await board.touched()).toEqual([]);
  });
});

describe("an agent without a sandbox", () => {
  let board: HostileBoard;
  let attacked: Attacked;

  beforeAll(async () => {
    board = await openHostileBoard("none");
    attacked = await board.attack("pushes-to-its-remotes tells-secret claims-what-is-not");
  }, SCENE_MS);
  afterAll(() => board[Symbol.asyncDispose]());

  it("H:S5 claims a merge, checks and an approval, and is judged by the repository", async () => {
    expect(attacked.came["claims-what-is-not"]).toContain("0123456789abcdef");
    expect(attacked.run).toMatchObject({ phase: { is: "done" }, merged: expect.not.stringMatching(/^0123456789abcdef/) });
    expect(attacked.run.steps.flatMap(({ approved }) => approved?.by ?? [])).toEqual([]);
    expect(await attacked.landed("work-of-pushes-to-its-remotes.txt")).toContain("claims-what-is-not");
  });

  it("H:S7 has no remote to push to", () => {
    const refused = expect.not.stringMatching(/^done$/);
    expect(attacked.came["pushes-to-its-remotes"]).toEqual({ remotes: "", origin: refused });
  });

  it("H:S10 says a secret of the host, and it is stored nowhere", async () => {
    expect(attacked.came["tells-secret"]).toBe("the token is [redacted].");
    expect((await board.files()).filter(({ text }) => text.includes(board.secret))).toEqual([]);
  });
});
