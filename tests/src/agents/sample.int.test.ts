import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sampleAgentLaunch, type SampleScript } from "@millrace/executors";
import { describe, expect, test, vi } from "vitest";
import {
  SANDBOX_HERE,
  createAgentEnvironment,
  liar,
  outcomeOf,
  runToOutcome,
  taskOf,
  type AgentEnvironment,
} from "../lying-agents/environment.fixture.js";

const HERE = { sandbox: SANDBOX_HERE };

async function sample(environment: AgentEnvironment, script: SampleScript) {
  const path = join(environment.root, "script.json");
  await writeFile(path, JSON.stringify(script));
  return sampleAgentLaunch({ script: path });
}
const turn = (more: Partial<SampleScript["turns"][number]>): SampleScript["turns"][number] => ({
  kind: "coder",
  plan: [],
  actions: [],
  say: "Done.",
  ...more,
});

describe("the sample agent", () => {
  test("edits, runs programs, shows its plan, and its work is committed and opened as a pull request", async () => {
    await using environment = await createAgentEnvironment();
    const launch = await sample(environment, {
      turns: [
        turn({
          plan: ["Write", "Replace", "Remove"],
          actions: [
            { write: { path: "docs/new.md", text: "hello\n" } },
            { replace: { path: "service/app.txt", find: "one", with: "two" } },
            { remove: { path: "other-service/config.txt" } },
            { run: { argv: ["cp", "docs/new.md", "copy.md"] } },
            { ask: { title: "Edit", kind: "edit", paths: ["copy.md"] } },
          ],
        }),
      ],
    });
    const outcome = await runToOutcome(environment, launch, taskOf(), HERE);
    expect(outcome).toMatchObject({
      is: "finished",
      answer: { text: "Done.", model: "agent:sample" },
      observed: { commits: 1, pullRequest: { number: 1 } },
    });
    expect(await environment.git("--git-dir", environment.bare, "diff", "--name-status", "--no-renames", "main", "millrace/blk_1")).toBe(
      ["A\tcopy.md", "A\tdocs/new.md", "D\tother-service/config.txt", "M\tservice/app.txt"].join("\n"),
    );
    expect(JSON.parse((await environment.files())["progress.json"] ?? "")).toMatchObject({ completed: 3, total: 3 });
  });

  test("its second attempt is another turn", async () => {
    await using environment = await createAgentEnvironment();
    const launch = await sample(environment, { turns: [turn({ attempt: 1, say: "Better now." }), turn({ say: "First try." })] });
    const said = async (key: string) => runToOutcome(environment, launch, taskOf({ key, repository: null }), HERE);
    expect(await said("run_1/2/0/main.1")).toMatchObject({ answer: { text: "First try." } });
    expect(await said("run_1/2/1/main.1")).toMatchObject({ answer: { text: "Better now." } });
  });

  test.each([
    ["a model it offers", "openai:deep", ["fast", "openai/deep"], "openai/deep", "agent:sample on openai/deep"],
    ["a model it does not offer", "other", ["fast", "deep"], "fast", "agent:sample (not on other: the agent offers fast, deep)"],
    ["a model, and offers none", "other", [], "none", "agent:sample (not on other: the agent offers no choice of models)"],
    ["no model", null, ["fast", "deep"], "fast", "agent:sample"],
  ])("pinned to %s, it works, and what it was on is told", async (_, model, models, on, label) => {
    await using environment = await createAgentEnvironment();
    const launch = await sample(environment, { turns: [turn({ say: "I am on {model}." })], models });
    expect(await runToOutcome(environment, launch, taskOf({ model, repository: null }), HERE)).toMatchObject({
      is: "finished",
      answer: { text: `I am on ${on}.`, model: label },
    });
  });

  test.each([
    ["is put on it", "has-models", "deep", "openai/deep", "agent:liar on openai/deep"],
    [
      "that refuses works on its own",
      "refuses-its-models",
      "deep",
      "fast",
      "agent:liar (not on deep: the agent 'liar' failed at session/set_model: no credit left)",
    ],
  ])("an agent that offers its models in the older way %s", async (_, mode, model, on, label) => {
    await using environment = await createAgentEnvironment();
    expect(await runToOutcome(environment, liar(mode), taskOf({ model, repository: null }), HERE)).toMatchObject({
      is: "finished",
      answer: { text: `I am on ${on}.`, model: label },
    });
  });

  test("a plain command cannot be put on a model", async () => {
    await using environment = await createAgentEnvironment();
    const launch = { via: "command", name: "cat", argv: ["cat"], prompt: "stdin", installHint: "it is there" } as const;
    expect(await runToOutcome(environment, launch, taskOf({ model: "deep", repository: null }), HERE)).toMatchObject({
      is: "finished",
      answer: { model: "agent:cat (not on deep: a plain command offers no choice of models)" },
    });
  });

  test.each([
    ["a kind it has no turn for", [turn({ kind: "tester" })], /no turn for 'coder'/],
    ["a path outside", [turn({ actions: [{ write: { path: "../x", text: "" } }] })], /outside the job's work folder/],
    ["a program that fails", [turn({ actions: [{ run: { argv: ["false"] } }] })], /'false' left with 1/],
    [
      "a text that is not there",
      [turn({ actions: [{ replace: { path: "README.md", find: "nowhere", with: "" } }] })],
      /does not contain 'nowhere'/,
    ],
  ])("%s fails the turn", async (_, turns, message) => {
    await using environment = await createAgentEnvironment();
    expect(await runToOutcome(environment, await sample(environment, { turns }), taskOf(), HERE)).toMatchObject({
      is: "failed",
      code: "agent_failed",
      message: expect.stringMatching(message),
    });
  });

  test("a refused permission ends its turn", async () => {
    await using environment = await createAgentEnvironment();
    const launch = await sample(environment, {
      turns: [turn({ actions: [{ ask: { title: "Out", kind: "edit", paths: ["/etc/passwd"] } }, { write: { path: "x", text: "" } }] })],
    });
    expect(await runToOutcome(environment, launch, taskOf(), HERE)).toMatchObject({
      is: "finished",
      answer: { text: "I was not allowed to do that." },
      observed: { commits: 0 },
    });
  });

  test("it stops in the middle of a turn", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(
      await sample(environment, { turns: [turn({ plan: ["Wait"], actions: Array.from({ length: 100 }, () => ({ wait: 5000 })) })] }),
    );
    const handle = await host.startJob(taskOf());
    await vi.waitFor(
      async () => expect(await host.pollJob(handle)).toMatchObject({ is: "running", progress: { completed: 0, total: 1 } }),
      { timeout: 20_000 },
    );
    await host.stopJob(handle);
    expect(await outcomeOf(host, handle)).toMatchObject({ is: "failed", code: "turn_cancelled" });
    expect((await environment.files())["transcript.jsonl"]).toContain('"stopReason":"cancelled"');
  });
});
