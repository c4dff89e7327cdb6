/** Boards in PostgreSQL through the command line, with workers as processes of their own. */
import { startPostgres, type PostgresServer } from "@millrace/testing/postgres";
import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { createRepository, resultOf, type Sandbox } from "./sandbox.fixture.js";

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
});
afterAll(() => server.stop());

const SCRIPT = {
  turns: [
    {
      kind: "coder",
      plan: [],
      actions: [{ run: { argv: ["sh", "-c", 'echo done > "$(basename "$(mktemp -u)")"'] as [string, ...string[]] } }],
      say: "done",
    },
    {
      kind: "merger",
      plan: [],
      actions: [],
      say: JSON.stringify({ complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "one file" }),
    },
  ],
};

async function boardIn(schema: string): Promise<Sandbox> {
  const sandbox = await createRepository();
  onTestFinished(() => sandbox[Symbol.asyncDispose]());
  const made = await sandbox.cli("init", "--no-ci", "--database", url, "--schema", schema, "--agent", await sandbox.agent(SCRIPT));
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining(`PostgreSQL, schema ${schema}`) as string });
  return sandbox;
}

const tasksSchema = z.object({ tasks: z.array(z.object({ id: z.string(), status: z.string() })) });

async function tasksOf(sandbox: Sandbox) {
  return tasksSchema.parse(JSON.parse((await sandbox.cli("tasks", "--json", "--database", url)).stdout)).tasks;
}

/** Resolves when the worker has started. */
async function working(worker: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    worker.stdout?.on("data", (text: Buffer) => (String(text).includes("working on") ? resolve() : undefined));
    worker.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
  });
}

describe("a board in PostgreSQL", () => {
  it("is worked on by any number of workers until they are told to stop", async () => {
    const sandbox = await boardIn("board_one");
    for (const title of ["first", "second"]) await sandbox.cli("task", "add", title, "--pipeline", "pl_minimal", "--database", url);
    const workers = [sandbox.start("work", "--database", url), sandbox.start("work", "--concurrency", "1", "--database", url)];
    const ends = workers.map(async (worker) => resultOf(worker));
    await Promise.all(workers.map(working));
    const started = await sandbox.cli("start", ...(await tasksOf(sandbox)).map(({ id }) => id), "--database", url);
    expect(started).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/started run_.* {2}first; .*\nstarted run_.* {2}second; /) as string,
    });
    const statuses = async (): Promise<readonly string[]> => (await tasksOf(sandbox)).map(({ status }) => status);
    await expect.poll(statuses, { timeout: 120_000, interval: 500 }).toEqual(["done", "done"]);
    for (const worker of workers) worker.kill("SIGTERM");
    const told = await Promise.all(ends);
    expect(told.map(({ code }) => code)).toEqual([0, 0]);
    expect(told.every(({ stdout }) => stdout.endsWith("stopped; every run was given back\n"))).toBe(true);
    expect(
      told
        .map(({ stdout }) => stdout)
        .join("")
        .match(/: merged as [0-9a-f]{10}$/gm),
    ).toHaveLength(2);
    expect((await sandbox.cli("doctor", "--database", url)).stdout).toMatch(
      /^ok +database +127\.0\.0\.1:\d+\/test_1 \(schema board_one\) opens/m,
    );
  }, 180_000);

  it("is found only where it is said to be, and the password is in no output", async () => {
    const sandbox = await boardIn("board_two");
    const config = await sandbox.cli("tasks");
    expect(config).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/its URL is not given[^]*--database .* MILLRACE_DATABASE/) as string,
    });
    const wrong = await sandbox.cli("tasks", "--database", url.replace(":millrace@", ":not-the-password@"));
    expect(wrong).toMatchObject({ code: 7, stderr: expect.stringContaining("user or password are wrong") as string });
    const away = await sandbox.cli("tasks", "--database", "postgres://ada:not-the-password@127.0.0.1:1/board");
    expect(away).toMatchObject({ code: 7, stderr: expect.stringContaining("cannot be reached") as string });
    const malformed = await sandbox.cli("tasks", "--database", "ada:not-the-password");
    expect(malformed.code).toBe(3);
    for (const { stdout, stderr } of [config, wrong, away, malformed]) expect(stdout + stderr).not.toContain("not-the-password");
  }, 60_000);

  it("has its schema for itself, and a board in SQLite is not looked for in PostgreSQL", async () => {
    await boardIn("board_three");
    await using other = await createRepository();
    const taken = await other.cli("init", "--no-ci", "--database", url, "--schema", "board_three");
    expect(taken).toMatchObject({ code: 4, stderr: expect.stringMatching(/holds the board[^]*--schema/) as string });
    expect((await other.cli("init", "--no-ci", "--schema", "board_three")).code).toBe(3);
    expect((await other.cli("init", "--no-ci")).code).toBe(0);
    expect(await other.cli("tasks", "--database", url)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("this board is in SQLite") as string,
    });
  }, 60_000);
});
