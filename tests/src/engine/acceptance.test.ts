/** Behaviours of the acceptance list (`docs/acceptance.md`) that no other test file covers. */
import type { JsonValue } from "@millrace/contracts";
import { MillraceError, type ModelStatus } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { createTestHost, summaryOf, type TestHost, type TestHostOptions } from "@millrace/testing";
import { oneTurn } from "./tester.fixture.js";

const inline: TestHostOptions = {
  pipeline: { steps: [{ kind: "researcher" }, { kind: "documenter" }, { kind: "researcher" }] },
  script: { researcher: { say: "options" }, documenter: { say: "docs" } },
};
const question = { question: { question: "which way?", options: ["left", "right"] } };
const at = (host: TestHost, runId: string) => ({ workspaceId: host.workspace.id, runId, actor: host.user });

describe("acceptance 1: a pipeline of inline steps", () => {
  it("runs to done in order, and no step ends before it starts or starts before the one before it ended", async () => {
    const host: TestHost = await createTestHost({
      ...inline,
      script: {
        researcher: () => {
          host.clock.advance(70);
          return { say: "options" };
        },
        documenter: () => {
          host.clock.advance(30);
          return { say: "docs" };
        },
      },
    });
    const { id } = await host.start();
    await host.drive();
    const run = await host.run(id);
    expect(run.phase.is).toBe("done");
    expect(summaryOf(run)).toBe("researcher:done documenter:done researcher:done");
    const times = run.steps.flatMap(({ timing }) => [timing.startedAt ?? -1, timing.finishedAt ?? -1]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(run.steps.map(({ timing }) => (timing.finishedAt ?? 0) - (timing.startedAt ?? 0))).toEqual([70, 30, 70]);
    expect(await host.block()).toMatchObject({ status: "done", progress: 1 });
  });
});

describe("acceptance 5: a run of a service", () => {
  it.each<[string, TestHostOptions, string]>([
    ["done", inline, "done"],
    [
      "ready, where all it did was map the service",
      { pipeline: { steps: [{ kind: "blueprints" }] }, script: { blueprints: { answer: { name: "Shop" } } } },
      "ready",
    ],
  ])("ends %s, asks nobody for a merge, and leaves the tasks in it alone", async (_name, options, status) => {
    const host = await createTestHost(options);
    const service = host.task.parentId ?? "";
    const { id } = await host.execution.start({
      workspaceId: host.workspace.id,
      blockId: service,
      pipelineId: host.pipeline.id,
      actor: host.user,
    });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(await host.store.blocks.get(host.workspace.id, service)).toMatchObject({ status, progress: 1 });
    expect(await host.store.notifications.open(host.workspace.id, { limit: 5 })).toEqual([]);
    expect(await host.block()).toMatchObject({ status: "planned", runId: null });
  });
});

describe("acceptance 6: an advance of nothing", () => {
  it("a run that is not there is named, and nothing is written", async () => {
    let commits = 0;
    const host = await createTestHost({
      ...inline,
      wrap: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          commit: (changes) => {
            commits += 1;
            return ports.store.commit(changes);
          },
        },
      }),
    });
    const before = commits;
    await expect(host.execution.advance({ workspaceId: host.workspace.id, runId: "run_gone" })).rejects.toMatchObject({
      code: "not_found",
      message: "run 'run_gone' does not exist",
    });
    expect(commits).toBe(before);
    expect(await host.wakeups.nextDueAt()).toBeNull();
  });
});

describe("acceptance 7: a run that fails", () => {
  it("has a failure with its family, code, step and hint; its block is blocked although there is a change to merge", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "coder" }, { kind: "documenter" }] },
      script: { coder: { change: { a: "1" } }, documenter: { throws: new MillraceError("model_refused", "no model is left") } },
    });
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({
      is: "failed",
      failure: { kind: "agent", code: "model_refused", message: "no model is left", step: 1, hint: expect.stringContaining("retry") },
    });
    const block = await host.block();
    expect(block.pullRequest).not.toBeNull();
    expect(block).toMatchObject({ status: "blocked", progress: 0.5 });
    const again = await host.execution.retry(at(host, id));
    expect(again.id).not.toBe(id);
    await expect(host.execution.retry(at(host, again.id))).rejects.toMatchObject({ code: "conflict" });
  });
});

/** Both kinds of run: one that builds, and one that reviews the requirements. */
const bothKinds: readonly (readonly [string, TestHostOptions])[] = [
  ["a run that builds", { pipeline: { steps: [{ kind: "researcher" }] }, script: { researcher: [question, { say: "left" }] } }],
  [
    "a review",
    {
      pipeline: { steps: [{ kind: "requirements-review" }] },
      script: { "requirements-review": { answer: { items: [{ category: "gap", severity: "high", title: "A", detail: "A?" }] } } },
    },
  ],
];

describe("acceptance 8: what a driver is told, it is told by the commit", () => {
  it.each(bothKinds)(
    "%s: its start, an answer and a stop leave a wake-up that is due now; a wait and an end leave none",
    async (_name, options) => {
      const host = await createTestHost(options);
      const { id } = await host.start();
      expect(await host.wakeups.nextDueAt()).toBe(host.clock.now());
      await host.drive();
      expect(await host.wakeups.nextDueAt()).toBeNull();
      const isReview = (await host.run(id)).steps[0]?.state.kind === "review";
      await host.reply(id, isReview ? { answer: "incorporate", feedback: "shorter" } : { answer: "choose", option: "left" });
      expect(await host.wakeups.nextDueAt()).toBe(host.clock.now());
      await host.execution.stop({ ...at(host, id), as: "cancelled", reason: "enough" });
      expect(await host.wakeups.nextDueAt()).toBe(host.clock.now());
      await host.drive();
      expect((await host.run(id)).phase.is).toBe("cancelled");
      expect(await host.wakeups.nextDueAt()).toBeNull();
    },
  );

  it.each(bothKinds)("%s: a driver that lives keeps it, a dead one's is taken up, an ended one's is put away", async (_name, options) => {
    const host = await createTestHost(options);
    const { id } = await host.start();
    const claim = (owner: string) => host.wakeups.claim({ owner, now: host.clock.now(), leaseMs: 1000, limit: 5 });
    const [first] = await claim("first");
    if (first === undefined) throw new Error("a start is due");
    host.clock.advance(900);
    await host.wakeups.renew(first, host.clock.now() + 1000);
    host.clock.advance(900);
    expect(await claim("other")).toEqual([]);
    host.clock.advance(101);
    expect((await claim("other")).map(({ runId }) => runId)).toEqual([id]);

    await host.execution.stop({ ...at(host, id), as: "failed", reason: "enough" });
    host.clock.advance(1001);
    await host.drive();
    const ended = await host.run(id);
    await host.store.commit([{ change: "wake", workspaceId: host.workspace.id, runId: id, at: host.clock.now() }]);
    await host.drive();
    expect(await host.wakeups.nextDueAt()).toBeNull();
    expect(await host.run(id)).toEqual(ended);
  });
});

describe("acceptance 9: an asynchronous step", () => {
  it("shows that its job is being started, then that it runs, and nothing of either when it is done", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "architect" }, { kind: "documenter" }] },
      script: { architect: { say: "design", polls: 2 }, documenter: { say: "docs" } },
    });
    const { id } = await host.start();
    const seen: string[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      const { activity, model } = (await host.run(id)).steps[0] ?? {};
      seen.push(`${activity?.is === "effect" ? activity.effect.request.do : (activity?.is ?? "")} ${model ?? "-"}`);
      if (activity?.is === "done") break;
      await oneTurn(host);
    }
    const model = "scripted:scripted";
    // Started, then polled three times: running, running, ended.
    expect(seen).toEqual([`start-job ${model}`, `job ${model}`, `job ${model}`, `job ${model}`, `done ${model}`]);
    expect(await host.output(id, 0)).toBe("design");
    expect(host.agents.begun.map(({ kind }) => kind)).toEqual(["architect"]);
  });
});

describe("acceptance 12: a restart of a finished run", () => {
  it("is a new run with the earlier steps as they were, at the chosen one, which has done nothing yet", async () => {
    const host = await createTestHost(inline);
    const { id } = await host.start();
    await host.drive();
    const old = await host.run(id);
    const again = await host.execution.restart({ ...at(host, id), step: 1 });
    expect(again.id).not.toBe(id);
    expect(again).toMatchObject({ phase: { is: "live" }, cursor: 1, supersedes: id });
    expect(again.steps[0]).toEqual(old.steps[0]);
    expect(again.steps[1]).toMatchObject({ attempt: 1, output: null, activity: { is: "effect" }, timing: { finishedAt: null } });
    expect(again.steps[2]).toMatchObject({ output: null, activity: { is: "pending" } });
    expect(await host.output(again.id, 0)).toBe("options");
    expect(await host.block()).toMatchObject({ status: "in_progress", runId: again.id });
    await host.drive();
    expect((await host.run(again.id)).phase.is).toBe("done");
    expect(await host.run(id)).toEqual(old);
    for (const step of [-1, 3])
      await expect(host.execution.restart({ ...at(host, again.id), step })).rejects.toMatchObject({ code: "validation" });
  });
});

describe("acceptance 20: models", () => {
  const status = (patch: Partial<ModelStatus>): ModelStatus => ({
    kind: "",
    model: null,
    usable: true,
    why: "",
    fix: "",
    vendor: null,
    ...patch,
  });

  it("one that cannot be used keeps the run from starting until there is a key", async () => {
    let hasKey = false;
    const host = await createTestHost({
      ...inline,
      services: { models: { status: async ({ kind }) => status({ kind, usable: hasKey, why: "no key", fix: "add a key" }) } },
    });
    await expect(host.start()).rejects.toMatchObject({ code: "model_unusable", fix: "add a key" });
    hasKey = true;
    await host.start();
    await host.drive();
    expect(await host.block()).toMatchObject({ status: "done" });
  });

  it("each vendor of a personal subscription is asked for once, in the order of the steps (21.6)", async () => {
    const vendors: Readonly<Record<string, string | null>> = { coder: "claude", documenter: "glm", researcher: null, architect: "claude" };
    const asked: (readonly string[])[] = [];
    const host = await createTestHost({
      pipeline: { steps: ["coder", "documenter", "researcher", "architect"].map((kind) => ({ kind })) },
      services: { models: { status: async ({ kind }) => status({ kind, vendor: vendors[kind] ?? null }) } },
    });
    await host.execution.start({
      workspaceId: host.workspace.id,
      blockId: host.task.id,
      pipelineId: host.pipeline.id,
      actor: host.user,
      activate: async (request) => {
        asked.push(request.vendors);
        return request.vendors.map((vendor) => ({ vendor, sealed: "x", expiresAt: 1_000_000_000 }));
      },
    });
    expect(asked).toEqual([["claude", "glm"]]);
  });
});

describe("acceptance 21: what of an answer people read (21.7)", () => {
  const specification = {
    service: "Shop",
    summary: "sells",
    groups: [
      {
        name: "Cart",
        requirements: [
          {
            id: "C-1",
            title: "Empty",
            statement: "It can be emptied.",
            kind: "functional",
            priority: "must",
            acceptance: [{ id: "A", given: "a full cart", when: "emptied", outcome: "it is empty" }],
          },
        ],
      },
    ],
    rules: [{ id: "R1", rule: "No negative amounts", rationale: "tax" }],
  };
  const blueprint = {
    type: "library",
    name: "Shop",
    summary: "sells",
    references: ["src/index.ts"],
    modules: [{ name: "Cart", summary: "holds", references: ["src/cart"] }],
  };
  const report = { greenlight: true, summary: "fine", concerns: [] };

  it.each<[string, string, JsonValue, string | null]>([
    [
      "a specification is rendered",
      "spec-writer",
      specification,
      "# Shop\n\nsells\n\n## Cart\n\n### Empty (C-1, functional, must)\n\nIt can be emptied.\n\n- A: given a full cart, when emptied, then it is empty\n\n## Domain rules\n\n- **R1** No negative amounts (tax)",
    ],
    ["one that is none is kept as it was said", "spec-writer", { service: "" }, null],
    [
      "a map is rendered",
      "blueprints",
      blueprint,
      "# Shop (library)\n\nsells\n\nEntry points: src/index.ts\n\n## Cart\n\nholds\n\n- src/cart",
    ],
    ["one that is none is kept as it was said", "blueprints", { name: "" }, null],
    ["a tester's report is kept as it was said", "tester", report, null],
  ])("of what an agent answered: %s (%s)", async (_name, kind, answer, text) => {
    const change = kind === "tester" ? {} : { change: { "spec/spec.json": "1" } };
    const host = await createTestHost({ pipeline: { steps: [{ kind }] }, script: { [kind]: { answer, ...change } } });
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(await host.output(id, 0)).toBe(text ?? JSON.stringify(answer));
  });
});
