/** The choice of a sandbox: a person's, for all boards, and never a board's. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { openSandbox } from "@millrace/executors";
import { describe, expect, it } from "vitest";
import { createRepository } from "./sandbox.fixture.js";

const { works } = await openSandbox("bubblewrap").examine();
const SCRIPT = { turns: [{ kind: "coder", plan: [], actions: [{ write: { path: "a.txt", text: "a\n" } }], say: "Done." }] };

describe("millrace sandbox", () => {
  it("shows the default, and is changed by a person who says yes", async () => {
    await using sandbox = await createRepository();
    const shown = await sandbox.here("sandbox", "--json");
    expect(JSON.parse(shown.stdout)).toMatchObject({ sandbox: "bubblewrap", chosen: false, works });
    expect(await sandbox.here("sandbox", "none", "--json")).toMatchObject({ code: 3, stderr: expect.stringContaining("--yes") as string });
    expect(await sandbox.here("sandbox", "none", "--yes")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/none: agents and checks may do whatever you can\nwhy +you chose it/) as string,
    });
    expect(JSON.parse((await sandbox.here("sandbox", "--json")).stdout)).toMatchObject({ sandbox: "none", chosen: true, works: true });
    expect((await sandbox.here("doctor")).stdout).toMatch(/sandbox +none: agents and checks may do whatever you can/);
  });

  it("knows the names there are", async () => {
    await using sandbox = await createRepository();
    expect(await sandbox.here("sandbox", "chroot", "--json")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("bubblewrap, none") as string,
    });
  });

  it("H:S8 is not chosen by a board, nor by an agent", async () => {
    await using sandbox = await createRepository();
    await sandbox.here("init", "--no-ci", "--agent", await sandbox.agent(SCRIPT));
    expect((await sandbox.here("config", "set", "sandbox", "none")).code).toBe(3);
    const config: object = JSON.parse(await readFile(sandbox.path(".millrace", "config.json"), "utf8"));
    await writeFile(sandbox.path(".millrace", "config.json"), JSON.stringify({ ...config, sandbox: "none" }));
    expect(await sandbox.here("tasks", "--json")).toMatchObject({ code: 3, stderr: expect.stringContaining("config_invalid") as string });
    const asAgent = await sandbox.cliWith({ MILLRACE_JOB_KEY: "run_1/0/0/main.1" }, "sandbox", "none", "--yes", "--json");
    expect(asAgent).toMatchObject({ code: 8, stderr: expect.stringContaining("forbidden_actor") as string });
    expect(JSON.parse((await sandbox.here("sandbox", "--json")).stdout)).toMatchObject({ sandbox: "bubblewrap", chosen: false });
  });

  it("a choice that cannot be read is no choice for less", async () => {
    await using sandbox = await createRepository();
    const state = sandbox.path("..", "state");
    await mkdir(state, { recursive: true });
    await writeFile(`${state}/sandbox.json`, '{"version":1,"sandbox":"nothing"}');
    expect(await sandbox.here("sandbox", "--json")).toMatchObject({ code: 7, stderr: expect.stringContaining("file_unusable") as string });
  });

  it.runIf(works)("run says what agents are in, show what they were in, and one that needs the home is refused with the fix", async () => {
    await using sandbox = await createRepository();
    await sandbox.here("init", "--no-ci", "--agent", await sandbox.agent(SCRIPT));
    await sandbox.here("task", "add", "Write a", "-d", "a", "--pipeline", "pl_minimal");
    const refused = await sandbox.here("run", "--agent", "claude", "--json");
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining("millrace sandbox none") as string });
    const ran = await sandbox.here("run");
    expect(ran.stderr).toMatch(/sandbox: bubblewrap, limits of memory and processes/);
    expect((await sandbox.here("show", "last")).stdout).toMatch(/sandbox +bubblewrap/);
  });
});
