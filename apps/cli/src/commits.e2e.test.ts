import type { SampleScript } from "@millrace/executors";
import { expect, it } from "vitest";
import { createRepository } from "./sandbox.fixture.js";

const script: SampleScript = {
  turns: [
    { kind: "coder", plan: [], actions: [{ write: { path: "answer.txt", text: "42\n" } }], say: "The answer is written." },
    { kind: "merger", plan: [], actions: [], say: '{"complexity":0.1,"risk":0.1,"impact":0.1,"rationale":"one small file"}' },
  ],
};
const GRACE = "Grace Hopper <grace@navy.invalid>";

it.each(["true", "false"])(
  "F:E8 commits have the board's author and sign-off, and a change lands squashed: %s",
  async (squash) => {
    await using sandbox = await createRepository();
    expect(await sandbox.here("init", "--no-ci", "--agent", await sandbox.agent(script))).toMatchObject({ code: 0 });
    expect(await sandbox.here("config", "set", "commit.signoff", "true")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("commit.author") as string,
    });
    expect(await sandbox.here("config", "set", "commit.author", "Grace")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("Name <mail@host>") as string,
    });
    expect(await sandbox.here("config", "set", "commit.author", GRACE)).toMatchObject({ code: 0, stdout: `${GRACE}\n` });
    expect(await sandbox.here("config", "set", "commit.signoff", "true")).toMatchObject({ code: 0 });
    expect(await sandbox.here("config", "set", "merge.squash", squash)).toMatchObject({ code: 0 });
    const id = (await sandbox.here("task", "add", "Write the answer", "--pipeline", "pl_minimal", "-q")).stdout.trim();
    expect(await sandbox.here("run", id)).toMatchObject({ code: 0, stdout: expect.stringContaining("merged as") as string });

    const log = async (branch: string, format: string): Promise<string> =>
      sandbox.git("--git-dir", sandbox.path(".millrace", "repo.git"), "log", "-1", `--format=${format}`, branch);
    for (const branch of ["main", `millrace/${id}`]) {
      expect(await log(branch, "%an <%ae>")).toBe(GRACE);
      expect(await log(branch, "%cn")).toBe("Millrace");
      expect(await log(branch, "%(trailers:key=Signed-off-by,valueonly)")).toBe(GRACE);
    }
    expect((await log("main", "%P")).split(" ")).toHaveLength(squash === "true" ? 1 : 2);
    expect((await sandbox.here("diff", id, "--stat")).stdout).toContain("answer.txt  +1 -0");
    expect((await sandbox.here("tasks")).stdout).toMatch(/merged [0-9a-f]{10}/);
  },
  120_000,
);
