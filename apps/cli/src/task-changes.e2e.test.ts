import { expect, it } from "vitest";
import { createRepository, type CommandResult, type Sandbox } from "./sandbox.fixture.js";

async function board(...options: readonly string[]): Promise<Sandbox> {
  const sandbox = await createRepository();
  expect(await sandbox.here("init", "--no-ci", ...options)).toMatchObject({ code: 0 });
  return sandbox;
}

const taskOf = ({ stdout }: CommandResult) =>
  (JSON.parse(stdout) as { readonly task: { readonly id: string; readonly title: string } }).task;

it("F:E9 a task is edited and removed, and ids come alone for scripts", async () => {
  await using sandbox = await board();
  const { stdout } = await sandbox.here("task", "add", "Add a discount", "--quiet");
  const id = stdout.trim();
  expect(stdout).toMatch(/^blk_\w+\n$/);
  const edited = await sandbox.here("task", "edit", id, "--title", "Give a discount", "-d", "All of it.", "--type", "bug", "--json");
  expect(taskOf(edited)).toMatchObject({ id, title: "Give a discount", description: "All of it.", taskType: "bug", removedAt: null });
  expect(await sandbox.here("task", "edit", id)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("nothing is to be changed") as string,
  });
  expect(await sandbox.here("task", "edit", id, "--pipeline", "pl_nope")).toMatchObject({ code: 3 });
  expect(taskOf(await sandbox.here("task", "edit", id, "--pipeline", "pl_minimal", "--json"))).toMatchObject({ pipelineId: "pl_minimal" });
  expect(taskOf(await sandbox.here("task", "edit", id, "--pipeline", "none", "--json"))).toMatchObject({ pipelineId: null });
  expect((await sandbox.here("tasks", "--quiet")).stdout).toBe(`${id}\n`);
  expect(await sandbox.here("task", "remove", id)).toMatchObject({ code: 0, stdout: `removed ${id}  Give a discount\n` });
  expect((await sandbox.here("tasks")).stdout).toContain("no task yet");
  expect(await sandbox.here("run", id)).toMatchObject({ code: 3, stderr: expect.stringContaining("does not exist") as string });
}, 120_000);

it("BRD-16 F:E9 a task with a live run is not edited; it is removed with its run stopped, and the run stays readable", async () => {
  await using sandbox = await board();
  const id = (await sandbox.here("task", "add", "Busy", "--quiet", "--pipeline", "pl_minimal")).stdout.trim();
  expect(await sandbox.here("start", id)).toMatchObject({ code: 0 });
  expect(await sandbox.here("task", "edit", id, "--title", "x")).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/live run.*\nfix: .*millrace stop blk_/) as string,
  });
  expect(await sandbox.here("task", "remove", id)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("millrace show run_") as string,
  });
  expect(await sandbox.here("show", "last")).toMatchObject({ code: 0, stdout: expect.stringContaining("Busy") as string });
  expect(await sandbox.here("restart", "last", "--from", "1")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("removed") as string,
  });
}, 120_000);

it("F:E9 a description is read from standard input", async () => {
  await using sandbox = await board();
  expect(taskOf(await sandbox.hereWith("A long story.", "task", "add", "From a pipe", "-f", "-", "--json"))).toMatchObject({
    title: "From a pipe",
    description: "A long story.",
  });
}, 60_000);
