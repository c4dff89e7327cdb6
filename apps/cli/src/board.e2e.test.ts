import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { createRepository, createSandbox, type CommandResult, type Sandbox } from "./sandbox.fixture.js";

/** A refusal is two lines, what is wrong and what to do, behind notes of what was being done; never a stack. */
function refusal(code: number, message: RegExp, fix: RegExp): CommandResult {
  const lines = new RegExp(`^(?:(?!error:|fix:).*\\n)*error: .*${message.source}.*\\nfix: .*${fix.source}.*\\n$`);
  return { code, stdout: "", stderr: expect.stringMatching(lines) as string };
}

async function board(...options: readonly string[]): Promise<Sandbox> {
  const sandbox = await createRepository();
  const ran = await sandbox.cli("init", "--no-ci", ...options);
  expect(ran).toMatchObject({ code: 0 });
  return sandbox;
}

describe("init", () => {
  it("makes a board that git does not see, and links the repository", async () => {
    await using sandbox = await createRepository({ "package.json": '{"scripts":{"test":"node --test"}}' });
    const ran = await sandbox.cli("init");
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('check    npm test   (package.json has a "test" script and no dependencies)');
    expect(await sandbox.git("status", "--porcelain")).toBe("");
    expect(await sandbox.git("remote", "get-url", "millrace")).toBe(sandbox.path(".millrace", "repo.git"));
    expect(await sandbox.git("--git-dir", sandbox.path(".millrace", "repo.git"), "rev-parse", "main")).toBe(
      await sandbox.git("rev-parse", "HEAD"),
    );
    expect(JSON.parse(await readFile(sandbox.path(".millrace", "config.json"), "utf8"))).toMatchObject({
      version: 1,
      ci: "required",
      agent: null,
    });
  });

  it("works from a folder below the top", async () => {
    await using sandbox = await board();
    await mkdir(sandbox.path("deep", "down"), { recursive: true });
    expect(await sandbox.cliIn("deep/down", "tasks")).toMatchObject({ code: 0, stdout: expect.stringContaining("no task yet") as string });
  });

  it("refuses a folder that is no git repository", async () => {
    await using sandbox = await createSandbox();
    expect(await sandbox.cli("init", "--no-ci")).toEqual(refusal(7, /is not in a git repository/, /git init/));
  });

  it("refuses changes that are not committed, and leaves nothing behind", async () => {
    await using sandbox = await createRepository();
    await sandbox.write("new.txt", "x");
    expect(await sandbox.cli("init", "--no-ci")).toEqual(refusal(7, /not committed: new.txt/, /Commit or stash/));
    expect(await sandbox.git("status", "--porcelain", "--ignored")).toBe("?? new.txt");
  });

  it("refuses to be run twice", async () => {
    await using sandbox = await board();
    expect(await sandbox.cli("init", "--no-ci")).toEqual(refusal(4, /there is a board already/, /remove that folder/));
  });

  it("refuses a file in the way of its folder", async () => {
    await using sandbox = await createRepository({ ".millrace": "a file" });
    expect(await sandbox.cli("init", "--no-ci")).toEqual(refusal(4, /is in the way: it is no folder/, /move it away/));
  });

  it("asks how the repository is checked when it cannot tell", async () => {
    await using sandbox = await createRepository();
    expect(await sandbox.cli("init")).toEqual(refusal(3, /does not know how this repository is checked/, /--check .* --no-ci/));
  });

  it("takes the board back when the remote's name is taken", async () => {
    await using sandbox = await createRepository();
    await sandbox.git("remote", "add", "millrace", "/elsewhere");
    expect(await sandbox.cli("init", "--no-ci")).toEqual(refusal(7, /another remote named 'millrace'/, /remote remove/));
    expect((await sandbox.cli("tasks")).code).toBe(3);
  });
});

describe("what a service's tests need", () => {
  const needOf = async (sandbox: Sandbox): Promise<unknown> =>
    (JSON.parse((await sandbox.cli("settings", "--json")).stdout) as { readonly testing: unknown }).testing;

  it("is said at init and changed later, and a run that would test locally asks for it", async () => {
    await using sandbox = await createRepository();
    const agent = await sandbox.agent({ turns: [{ kind: "architect", plan: [], actions: [], say: "unused" }] });
    expect((await sandbox.cli("init", "--no-ci", "--agent", agent, "--tests-need", "deploy/compose.yml")).stderr).toContain(
      "there is no 'deploy/compose.yml'",
    );
    expect(await needOf(sandbox)).toEqual({ composePath: "deploy/compose.yml", noInfrastructure: false });
    const added = await sandbox.cli("task", "add", "Discounts", "--pipeline", "pl_simple", "--test-in", "local", "--json");
    const { task } = JSON.parse(added.stdout) as { readonly task: { readonly id: string } };

    expect((await sandbox.cli("config", "set", "tests.need", "unset")).stdout).toBe("unset\n");
    expect(await needOf(sandbox)).toBeNull();
    expect(await sandbox.cli("run", task.id)).toEqual(
      expect.objectContaining({ code: 4, stderr: expect.stringContaining("millrace config set tests.need") as string }),
    );

    expect(await sandbox.cli("config", "set", "tests.need", "../compose.yml")).toEqual(
      refusal(3, /a path inside the repository/, /a compose file/),
    );
    expect((await sandbox.cli("config", "set", "tests.need", "nothing")).stdout).toBe("nothing\n");
    expect(await needOf(sandbox)).toEqual({ composePath: null, noInfrastructure: true });
    // It starts now, and gets as far as the coder, for which the script has no turn.
    expect(await sandbox.cli("run", task.id)).toMatchObject({ code: 5, stdout: expect.stringContaining("no turn for 'coder'") as string });
  }, 120_000);
});

describe("a board", () => {
  it("takes tasks and lists them", async () => {
    await using sandbox = await board();
    await sandbox.write("story.md", "A long story.");
    const added = await sandbox.cli("task", "add", "Add a discount", "--file", "story.md", "--pipeline", "pl_minimal", "--json");
    const { task } = JSON.parse(added.stdout) as { task: { id: string } };
    expect(task).toMatchObject({ title: "Add a discount", description: "A long story.", pipelineId: "pl_minimal", status: "planned" });
    const listed = await sandbox.cli("tasks");
    expect(listed.stdout.split("\n")[1]).toBe(`${task.id}  planned  0%    -    Add a discount`);
    expect((await sandbox.cli("task", "show", task.id.slice(4, 12))).stdout).toContain("A long story.");
  });

  it.each([
    [["task", "add", ""], /cannot be added/],
    [["task", "add", "x", "--pipeline", "pl_nope"], /pipeline 'pl_nope' does not exist/],
    [["task", "add", "x", "--file", "nope.md"], /nope.md' cannot be read/],
    [["run", "blk_nope"], /task 'blk_nope' does not exist/],
    [["show", "run_nope"], /run 'run_nope' does not exist/],
    [["show", "last"], /there is no run yet/],
    [["logs", "last"], /there is no run yet/],
    [["approve", "last"], /there is no run yet/],
    [["run", "--pipeline", "pl_minimal"], /--pipeline needs a task/],
  ])("%j is bad input", async (args, message) => {
    await using sandbox = await board();
    const ran = await sandbox.cli(...args);
    expect(ran.stderr).toMatch(message);
    expect(ran.stdout).toBe("");
    expect(ran.code).toBe(3);
  });

  it("prints errors as the envelope with --json", async () => {
    await using sandbox = await board();
    const ran = await sandbox.cli("show", "run_nope", "--json");
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: "not_found", fix: "list them with: millrace runs" } });
    expect(ran).toMatchObject({ code: 3, stdout: "" });
  });

  it("refuses a command line it cannot understand", async () => {
    await using sandbox = await createSandbox();
    expect(await sandbox.cli("shwo")).toEqual(refusal(2, /unknown command 'shwo'/, /millrace --help/));
    expect(await sandbox.cli("show")).toEqual(refusal(2, /missing required argument 'run'/, /millrace --help/));
    expect(await sandbox.cli("restart", "last", "--from", "zero")).toEqual(refusal(2, /a step is a whole number/, /millrace --help/));
    expect(await sandbox.cli("tasks")).toEqual(refusal(3, /there is no Millrace board/, /millrace init/));
  });

  it("says where a pipeline file is wrong", async () => {
    await using sandbox = await board();
    await sandbox.write("p.json", '{"id":"pl_x","name":"X","steps":[{"kind":"coder"},{"knid":"ci"}]}');
    expect(await sandbox.cli("pipeline", "add", "p.json")).toEqual(refusal(3, /steps\[1\]\.kind/, /a pipeline looks like/));
    await sandbox.write("p.json", '{"id":"pl_x","name":"X","steps":[{"kind":"coder"},{"kind":"merger"}]}');
    expect(await sandbox.cli("pipeline", "add", "p.json")).toEqual(
      refusal(3, /no gate before it that gives evidence/, /put a 'ci' step before it/),
    );
    await sandbox.write("p.json", "{");
    expect(await sandbox.cli("pipeline", "add", "p.json")).toEqual(refusal(3, /is no JSON/, /correct the file/));
    await sandbox.write("p.json", '{"id":"pl_x","name":"X","steps":[{"kind":"coder"}]}');
    expect(await sandbox.cli("pipeline", "add", "p.json")).toMatchObject({ code: 0, stdout: "saved pl_x: coder\n" });
    expect((await sandbox.cli("pipelines")).stdout).toContain("pl_x");
  });
});

describe("a broken board", () => {
  it("names what is wrong in the configuration", async () => {
    await using sandbox = await board();
    const path = sandbox.path(".millrace", "config.json");
    await writeFile(path, (await readFile(path, "utf8")).replace('"agent"', '"agnet"'));
    expect(await sandbox.cli("tasks")).toEqual(refusal(3, /config\.json' cannot be used: .*agnet/, /correct what is named/));
  });

  it("refuses a database that is gone, instead of making an empty one", async () => {
    await using sandbox = await board();
    await rm(sandbox.path(".millrace", "millrace.db"));
    expect(await sandbox.cli("tasks")).toEqual(refusal(7, /millrace\.db' is not there/, /backup/));
  });

  it("refuses a database of a newer version", async () => {
    await using sandbox = await board();
    const database = new DatabaseSync(sandbox.path(".millrace", "millrace.db"));
    database.exec("insert into millrace_migrations values ('9999-later', 0)");
    database.close();
    expect(await sandbox.cli("tasks")).toEqual(
      refusal(7, /migrations this build does not know: 9999-later/, /Run the version of Millrace/),
    );
  });

  it("refuses a database that is none, and the doctor says so too", async () => {
    await using sandbox = await board();
    await writeFile(
      sandbox.path(".millrace", "millrace.db"),
      "not a database, just some text that is long enough to be read as a header of one",
    );
    const ran = await sandbox.cli("tasks");
    expect(ran.code).toBe(7);
    expect(ran.stderr).toMatch(/^error: .*millrace\.db/);
    const doctor = await sandbox.cli("doctor");
    expect(doctor.stdout).toMatch(/^fail {2}database/m);
    expect(doctor.code).toBe(7);
  });

  it("is found healthy by the doctor when it is", async () => {
    await using sandbox = await board();
    const ran = await sandbox.cli("doctor", "--json");
    const { findings, ok } = JSON.parse(ran.stdout) as { ok: boolean; findings: { name: string; status: string }[] };
    expect(Object.fromEntries(findings.map(({ name, status }) => [name, status]))).toMatchObject({
      node: "ok",
      git: "ok",
      database: "ok",
      repository: "ok",
      checks: "warn",
      leases: "ok",
      agent: "warn",
    });
    expect({ ok, code: ran.code }).toEqual({ ok: true, code: 0 });
  });
});
