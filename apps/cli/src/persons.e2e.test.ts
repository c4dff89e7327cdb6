import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, stat } from "node:fs/promises";
import type { RunView } from "@millrace/contracts";
import type { SampleScript } from "@millrace/executors";
import { describe, expect, it } from "vitest";
import { createRepository, type CommandResult, type Sandbox } from "./sandbox.fixture.js";

const ESCAPE = "\u001B]0;all checks are green\u0007\u001B[2J\u001B[8m";
const REVERSED = "\u202Ednuof gub on\u202C";
const script: SampleScript = {
  turns: [{ kind: "architect", plan: [], actions: [], say: `Write 42. ${ESCAPE}${REVERSED}` }],
};
/** What an agent's process has that outlives its job and cleans its environment. */
const NO_TOKEN = { MILLRACE_TOKEN_FILE: "" };

interface Waiting {
  readonly sandbox: Sandbox;
  readonly task: string;
  readonly digest: string;
}

/** A board whose one run waits for an approval. */
async function waiting(title = "Write the answer"): Promise<Waiting> {
  const sandbox = await createRepository();
  expect(await sandbox.here("init", "--no-ci", "--agent", await sandbox.agent(script))).toMatchObject({ code: 0 });
  const added = await sandbox.here("task", "add", title, "--pipeline", "pl_designed", "--json");
  const { task } = JSON.parse(added.stdout) as { task: { id: string } };
  expect(await sandbox.here("run", task.id)).toMatchObject({ code: 6 });
  return { sandbox, task: task.id, digest: (await shown(sandbox)).wait?.subject ?? "" };
}

async function shown(sandbox: Sandbox): Promise<RunView> {
  return (JSON.parse((await sandbox.here("show", "last", "--json")).stdout) as { run: RunView }).run;
}

const refused = (code: string): CommandResult => ({ code: 8, stdout: "", stderr: expect.stringContaining(`"code":"${code}"`) as string });

describe("H:S6 an agent that waits for the question", () => {
  it("H:S6 cannot approve its own work: not without a terminal and a token, not as a job, not with a token of its own making", async () => {
    const { sandbox, digest } = await waiting();
    await using _ = sandbox;
    const before = await shown(sandbox);
    const approve = ["approve", "last", "--digest", digest, "--json"];
    expect(await sandbox.cliWith(NO_TOKEN, ...approve)).toEqual(refused("unauthenticated"));
    expect(await sandbox.cliWith({ MILLRACE_JOB_KEY: "run_1/0/1/work.1" }, ...approve)).toEqual(refused("forbidden_actor"));
    // A board of its own, in a state folder of its own, takes a token of its own making; the board of the person does not.
    await mkdir(sandbox.path("evil"));
    await sandbox.git("-C", "evil", "init", "--quiet");
    await sandbox.git("-C", "evil", "commit", "--quiet", "--allow-empty", "-m", "First");
    const own = { MILLRACE_STATE: sandbox.path("evil", "state"), MILLRACE_TOKEN_FILE: sandbox.path("evil", "token") };
    expect(await sandbox.shell(`cd evil && ${exported(own)} millrace init --no-ci`)).toMatchObject({ code: 0 });
    expect(await sandbox.cliWith(own, "trust", "--json")).toEqual(refused("invalid_credentials"));
    expect(await sandbox.cliWith({ MILLRACE_TOKEN_FILE: own.MILLRACE_TOKEN_FILE }, ...approve)).toEqual(refused("invalid_credentials"));
    expect(await sandbox.cliWith(NO_TOKEN, "token", "create", "--out", "mine", "--json")).toEqual(refused("unauthenticated"));

    const { status, wait, timeline } = await shown(sandbox);
    expect({ status, wait, timeline }).toEqual({ status: before.status, wait: before.wait, timeline: before.timeline });
    const inbox = await sandbox.here("inbox");
    expect(inbox.stdout).toContain("deed refused");
    expect(inbox.stdout).toContain("refused, without proof of a person: answer");

    // The same command with the person's token does it: the attack was there.
    expect(await sandbox.cli("approve", "last", "--digest", digest)).toMatchObject({ code: 0 });
    expect((await shown(sandbox)).status).toBe("running");
    expect((await sandbox.here("inbox")).stdout).not.toContain("deed refused");
  }, 180_000);

  it("H:S6 cannot raise a budget, lower a bar, drop checks, replace a pipeline or trust a board either; looking is free", async () => {
    await using sandbox = await createRepository();
    await sandbox.here("init", "--no-ci");
    await sandbox.write("mine.json", JSON.stringify({ id: "pl_reviewed", name: "Mine", steps: [{ kind: "coder" }] }));
    const configured = async (): Promise<string> => (await sandbox.here("config", "list", "--json")).stdout;
    const before = await configured();
    for (const deed of [
      ["config", "set", "budget.month", "9999"],
      ["config", "set", "merge.max-risk", "1"],
      ["config", "set", "checks", "none"],
      ["config", "set", "agent", "claude"],
      ["pipeline", "add", "mine.json"],
      ["trust"],
    ])
      expect(await sandbox.hereAs(NO_TOKEN, ...deed, "--json"), deed.join(" ")).toEqual(refused("unauthenticated"));
    expect(await configured()).toBe(before);
    for (const command of [["tasks"], ["status"], ["inbox"], ["config", "list"], ["pipelines"], ["token", "list"]])
      expect(await sandbox.hereAs(NO_TOKEN, ...command), command.join(" ")).toMatchObject({ code: 0 });
    expect(await sandbox.here("config", "set", "budget.month", "25")).toMatchObject({ code: 0 });
  }, 120_000);

  it("H:S6 has no use for a token file that others may read", async () => {
    const { sandbox, digest } = await waiting();
    await using _ = sandbox;
    const file = sandbox.tokenOf("grace");
    await chmod(file, 0o644);
    const approve = ["approve", "last", "--digest", digest, "--token-file", file];
    expect(await sandbox.here(...approve)).toMatchObject({
      code: 8,
      stderr: expect.stringContaining(`fix: chmod 600 '${file}'`) as string,
    });
    await chmod(file, 0o600);
    expect(await sandbox.here(...approve, "--as", "ada")).toMatchObject({ code: 8 });
    expect(await sandbox.here(...approve)).toMatchObject({ code: 0 });
  }, 120_000);
});

const hasScript = (() => {
  try {
    return execFileSync("script", ["--version"], { encoding: "utf8" }).includes("util-linux");
  } catch {
    return false;
  }
})();

describe.skipIf(!hasScript)("a person at a terminal (needs `script` of util-linux)", () => {
  it("H:S6 is asked there, whatever the standard streams are, and may say no", async () => {
    const { sandbox } = await waiting(`Nice ${ESCAPE}${REVERSED}`);
    await using _ = sandbox;
    const atTerminal = (answer: string): Promise<CommandResult> =>
      sandbox.shell(
        `export MILLRACE_TOKEN_FILE=; printf '${answer}\n' | script -qec 'millrace approve last </dev/null >out 2>err' /dev/null`,
      );
    const declined = await atTerminal("no");
    expect(declined).toMatchObject({ code: 8, stdout: expect.stringContaining("Type yes to do it: ") as string });
    expect(declined.stdout).toMatch(/millrace: approve in run_\w+ of 'Nice .*' \(blk_\w+\), digest [0-9a-f]{8}/);
    // The text that is approved, and the title, steer nothing.
    expect(declined.stdout).toContain(String.raw`\x1b]0;all checks are green\x07\x1b[2J\x1b[8m\u202ednuof gub on\u202c`);
    expect(steering(declined.stdout)).toEqual([]);
    expect(await readFile(sandbox.path("err"), "utf8")).toContain("nothing was done");
    expect((await shown(sandbox)).status).toBe("waiting");
    expect(await atTerminal("yes")).toMatchObject({ code: 0 });
    expect((await shown(sandbox)).status).toBe("running");
  }, 120_000);
});

describe("text that people approve", () => {
  it("H:S6 steers no terminal, in no command that shows it", async () => {
    const { sandbox, task } = await waiting(`Nice ${ESCAPE}${REVERSED}`);
    await using _ = sandbox;
    for (const command of [
      ["show", "last"],
      ["inbox"],
      ["status"],
      ["tasks"],
      ["runs"],
      ["task", "show", task],
      ["logs", "last"],
      ["watch", "last"],
    ])
      for (const json of [[], ["--json"]]) {
        const { stdout, stderr } = await sandbox.here(...command, ...json);
        expect(steering(`${stdout}${stderr}`), command.join(" ")).toEqual([]);
      }
    expect((await sandbox.here("show", "last")).stdout).toContain(String.raw`\u202ednuof gub on`);
  }, 120_000);
});

describe("H:S13 the folder of a board", () => {
  it("H:S13 is for its user alone, with everything that init, run and a token leave in it", async () => {
    const { sandbox } = await waiting();
    await using _ = sandbox;
    const mode = async (...below: readonly string[]): Promise<number> => (await stat(sandbox.path(".millrace", ...below))).mode & 0o777;
    expect(await Promise.all([mode(), mode("tokens"), mode("jobs")])).toEqual([0o700, 0o700, 0o700]);
    expect(await Promise.all([mode("config.json"), mode("millrace.db")])).toEqual([0o600, 0o600]);
    await chmod(sandbox.path(".millrace", "tokens"), 0o755);
    await chmod(sandbox.path(".millrace", "jobs"), 0o755);
    await sandbox.here("tasks");
    expect(await Promise.all([mode("tokens"), mode("jobs")])).toEqual([0o700, 0o700]);
    await chmod(sandbox.path(".millrace", "tokens"), 0o777);
    expect(await sandbox.here("tasks", "--json")).toMatchObject({ code: 7, stderr: expect.stringContaining("board_unsafe") as string });
  }, 120_000);
});

/** The characters of a text that would steer a terminal. */
function steering(text: string): readonly string[] {
  return ["\u001B", "\u0007", "\u202E", "\u202C", "\u009B"].filter((character) => text.includes(character));
}

function exported(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}='${value}'`)
    .join(" ");
}
