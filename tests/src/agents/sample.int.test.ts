import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sampleAgentLaunch, type SampleScript } from "@millrace/executors";
import { describe, expect, test, vi } from "vitest";
import { createAgentWorld, liar, outcomeOf, settle, taskOf, type AgentWorld } from "../lying-agents/world.fixture.js";

async function sample(world: AgentWorld, script: SampleScript) {
  const path = join(world.root, "script.json");
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
    await using world = await createAgentWorld();
    const launch = await sample(world, {
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
    const outcome = await settle(world, launch, taskOf());
    expect(outcome).toMatchObject({
      is: "finished",
      answer: { text: "Done.", model: "agent:sample" },
      observed: { commits: 1, pullRequest: { number: 1 } },
    });
    expect(await world.git("--git-dir", world.bare, "diff", "--name-status", "--no-renames", "main", "millrace/blk_1")).toBe(
      ["A\tcopy.md", "A\tdocs/new.md", "D\tother-service/config.txt", "M\tservice/app.txt"].join("\n"),
    );
    expect(JSON.parse((await world.files())["progress.json"] ?? "")).toMatchObject({ completed: 3, total: 3 });
  });

  test("its second attempt is another turn", async () => {
    await using world = await createAgentWorld();
    const launch = await sample(world, { turns: [turn({ attempt: 1, say: "Better now." }), turn({ say: "First try." })] });
    const said = async (key: string) => settle(world, launch, taskOf({ key, repository: null }));
    expect(await said("run_1/2/0/main.1")).toMatchObject({ answer: { text: "First try." } });
    expect(await said("run_1/2/1/main.1")).toMatchObject({ answer: { text: "Better now." } });
  });

  test.each([
    ["a model it offers", "openai:deep", ["fast", "openai/deep"], "openai/deep", "agent:sample on openai/deep"],
    ["a model it does not offer", "other", ["fast", "deep"], "fast", "agent:sample (not on other: the agent offers fast, deep)"],
    ["a model, and offers none", "other", [], "none", "agent:sample (not on other: the agent offers no choice of models)"],
    ["no model", null, ["fast", "deep"], "fast", "agent:sample"],
  ])("pinned to %s, it works, and what it was on is told", async (_, model, models, on, label) => {
    await using world = await createAgentWorld();
    const launch = await sample(world, { turns: [turn({ say: "I am on {model}." })], models });
    expect(await settle(world, launch, taskOf({ model, repository: null }))).toMatchObject({
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
    await using world = await createAgentWorld();
    expect(await settle(world, liar(mode), taskOf({ model, repository: null }))).toMatchObject({
      is: "finished",
      answer: { text: `I am on ${on}.`, model: label },
    });
  });

  test("a plain command cannot be put on a model", async () => {
    await using world = await createAgentWorld();
    const launch = { via: "command", name: "cat", argv: ["cat"], prompt: "stdin", installHint: "it is there" } as const;
    expect(await settle(world, launch, taskOf({ model: "deep", repository: null }))).toMatchObject({
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
    await using world = await createAgentWorld();
    expect(await settle(world, await sample(world, { turns }), taskOf())).toMatchObject({
      is: "failed",
      code: "agent_failed",
      message: expect.stringMatching(message),
    });
  });

  test("a refused permission ends its turn", async () => {
    await using world = await createAgentWorld();
    const launch = await sample(world, {
      turns: [turn({ actions: [{ ask: { title: "Out", kind: "edit", paths: ["/etc/passwd"] } }, { write: { path: "x", text: "" } }] })],
    });
    expect(await settle(world, launch, taskOf())).toMatchObject({
      is: "finished",
      answer: { text: "I was not allowed to do that." },
      observed: { commits: 0 },
    });
  });

  test("it stops in the middle of a turn", async () => {
    await using world = await createAgentWorld();
    await using host = world.host(
      await sample(world, { turns: [turn({ plan: ["Wait"], actions: Array.from({ length: 100 }, () => ({ wait: 5000 })) })] }),
    );
    const handle = await host.startJob(taskOf());
    await vi.waitFor(
      async () => expect(await host.pollJob(handle)).toMatchObject({ is: "running", progress: { completed: 0, total: 1 } }),
      { timeout: 20_000 },
    );
    await host.stopJob(handle);
    expect(await outcomeOf(host, handle)).toMatchObject({ is: "failed", code: "turn_cancelled" });
    expect((await world.files())["transcript.jsonl"]).toContain('"stopReason":"cancelled"');
  });
});
