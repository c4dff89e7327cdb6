import type { ModelAccess, ModelStatus } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { completedCheck, createTestHost, type TestHost, type TestHostOptions } from "@millrace/testing";

const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };
const deliver = { steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }] };
const script = { coder: { change: { a: "1" } }, merger: { answer: score } } as const;

function models(override: (kind: string, pinned: string | null) => Partial<ModelStatus>): { models: ModelAccess } {
  return {
    models: {
      status: async ({ kind, pinned }) => ({
        kind,
        model: pinned,
        usable: true,
        why: "",
        fix: "",
        vendor: null,
        ...override(kind, pinned),
      }),
    },
  };
}

const unusable = (kinds: readonly string[]): { models: ModelAccess } =>
  models((kind) => (kinds.includes(kind) ? { usable: false, why: "no key", fix: "add a key" } : {}));

async function merged(host: TestHost): Promise<string> {
  host.forge.judgeWith(() => [completedCheck("test", "success")]);
  const { id } = await host.start();
  await host.drive();
  return id;
}

describe("presets that are not there", () => {
  it("F:A10 a task that names one is refused, and nothing is written", async () => {
    const host = await createTestHost({ pipeline: deliver, script });
    const { workspaceId, parentId } = host.task;
    const input = { title: "careful", presetId: "cautios" };
    const before = await host.store.blocks.children(workspaceId, parentId ?? "", { limit: 10 });
    await expect(host.board.addTask({ workspaceId, parentId: parentId ?? "", input, actor: host.user })).rejects.toMatchObject({
      code: "not_found",
      details: { entity: "preset", id: "cautios" },
      fix: expect.any(String),
    });
    expect(await host.store.blocks.children(workspaceId, parentId ?? "", { limit: 10 })).toEqual(before);
  });

  it("F:A10 a run of a task whose preset is gone does not start", async () => {
    const host = await createTestHost({ pipeline: deliver, script });
    const stray = { ...host.task, id: "blk_stray", presetId: "cautios" };
    await host.store.commit([{ change: "insert-block", block: stray }]);
    const { pipeline, user: actor } = host;
    const { workspaceId } = host.task;
    await expect(host.execution.start({ workspaceId, blockId: stray.id, pipelineId: pipeline.id, actor })).rejects.toMatchObject({
      code: "not_found",
      details: { entity: "preset" },
    });
    expect(await host.store.blocks.get(workspaceId, stray.id)).toMatchObject({ status: "planned", runId: null });
  });

  it("F:A10 a preset that leaves merges to people asks one, however low the scores are", async () => {
    const host = await createTestHost({ pipeline: deliver, script });
    await host.presets.update({ workspaceId: host.workspace.id, presetId: null, input: { who: "people" }, actor: host.user });
    const run = await host.run(await merged(host));
    expect(run.merged).toBeNull();
    expect(run.steps[3]?.activity).toMatchObject({ is: "wait", wait: { on: "merge", question: expect.stringContaining("people") } });
  });
});

describe("models a run can still dispatch (W-42, acceptance 20)", () => {
  it.each(["coder", "merger", "ci-fixer", "conflict-resolver"])(
    "an unusable %s refuses the start, and nothing is written",
    async (kind) => {
      const host = await createTestHost({ pipeline: deliver, script, services: unusable([kind]) });
      await expect(host.start()).rejects.toMatchObject({ code: "model_unusable", fix: "add a key", details: { kinds: [kind] } });
      expect(await host.block()).toMatchObject({ status: "planned", runId: null });
      expect(await host.store.runs.list(host.workspace.id, {}, { limit: 5 })).toEqual([]);
    },
  );

  it("what cannot be dispatched does not count: disabled steps, gates themselves, kinds of other pipelines", async () => {
    const pipeline = { steps: [{ kind: "tester", enabled: false }, { kind: "researcher" }] };
    const host = await createTestHost({ pipeline, script: { researcher: {} }, services: unusable(["tester", "ci", "fixer", "coder"]) });
    await host.start();
    await host.drive();
    expect(await host.block()).toMatchObject({ progress: 1 });
  });

  it("a block's pin comes before the workspace's default; a panel's participants have their own", async () => {
    const asked: (string | null)[] = [];
    const note = (kind: string, pinned: string | null): Partial<ModelStatus> => {
      asked.push(`${kind}=${pinned ?? "-"}`);
      return {};
    };
    const participants = [
      { id: "a", role: "x", model: "own:model" },
      { id: "b", role: "y" },
    ];
    const pipeline = { steps: [{ kind: "researcher", consensus: { strategy: "panel" as const, participants } }] };
    const settings = { models: { researcher: "default:model" } };
    const pinned = await createTestHost({
      pipeline,
      script: { researcher: {} },
      settings,
      task: { modelId: "pin:model" },
      services: models(note),
    });
    await pinned.start();
    const plain = await createTestHost({ pipeline, script: { researcher: {} }, settings, services: models(note) });
    await plain.start();
    expect(asked).toEqual(["researcher=pin:model", "researcher=own:model", "researcher=default:model", "researcher=own:model"]);
    await plain.drive();
    expect(plain.agents.begun.map(({ model }) => model)).toEqual(["own:model", "default:model", "default:model"]);
  });

  it("retry looks at what is left, restart at what is run again, and a refused restart leaves its run alone (W-30)", async () => {
    const bad = new Set<string>();
    let refusals = 0;
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "researcher" }, { kind: "documenter" }] },
      script: { researcher: {}, documenter: () => (refusals++ === 0 ? { throws: new MillraceError("model_refused", "no") } : {}) },
      services: models((kind) => (bad.has(kind) ? { usable: false, why: "no key", fix: "add" } : {})),
    });
    const { id } = await host.start();
    await host.drive();
    const address = { workspaceId: host.workspace.id, runId: id, actor: host.user };
    bad.add("researcher");
    await expect(host.execution.restart({ ...address, step: 0 })).rejects.toMatchObject({ code: "model_unusable" });
    const again = await host.execution.retry(address);
    await expect(host.execution.restart({ ...address, runId: again.id, step: 0 })).rejects.toMatchObject({ code: "model_unusable" });
    expect((await host.run(again.id)).phase.is).toBe("live");
    await host.drive();
    expect((await host.run(again.id)).phase.is).toBe("done");
  });
});

describe("personal credentials", () => {
  const personal = models((kind) => (kind === "coder" ? { vendor: "claude" } : {}));
  const sealed = { vendor: "claude", sealed: "ciphertext", expiresAt: 1_000_000_000 };

  async function start(host: TestHost, more: object = {}): Promise<string> {
    const { id } = await host.execution.start({
      workspaceId: host.workspace.id,
      blockId: host.task.id,
      pipelineId: host.pipeline.id,
      actor: host.user,
      activate: async ({ vendors }) => vendors.map((vendor) => ({ ...sealed, vendor })),
      ...more,
    });
    return id;
  }

  const activation = (host: TestHost, runId: string): Promise<unknown> => host.store.activations.get(host.workspace.id, runId, "claude");

  it("are asked for before anything changes: no answer, no run", async () => {
    const host = await createTestHost({ pipeline: deliver, script, services: personal });
    await expect(host.start()).rejects.toMatchObject({ code: "credential_required", details: { vendors: ["claude"] } });
    await expect(start(host, { activate: async () => [] })).rejects.toMatchObject({ code: "credential_required" });
    expect(await host.block()).toMatchObject({ status: "planned", runId: null });
  });

  it.each<[string, Partial<TestHostOptions>, (host: TestHost, id: string) => Promise<unknown>]>([
    ["merged", {}, (host) => host.drive()],
    ["failed", { script: { coder: { fails: { code: "boom", message: "no" } } } }, (host) => host.drive()],
    ["stopped", {}, (host, runId) => end(host, runId, "failed")],
    ["cancelled", {}, (host, runId) => end(host, runId, "cancelled")],
    [
      "torn down",
      {},
      (host) =>
        host.execution.teardown({
          workspaceId: host.workspace.id,
          blockId: host.task.parentId ?? "",
          actor: host.user,
          reason: "service removed",
        }),
    ],
    [
      "given back",
      {},
      (host) => host.execution.cancel({ workspaceId: host.workspace.id, blockId: host.task.id, actor: host.user, reason: "not now" }),
    ],
  ])("live as long as the run: %s, and they are gone (W-49)", async (_name, more, finish) => {
    const host = await createTestHost({ pipeline: deliver, script, services: personal, ...more });
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    const id = await start(host);
    expect(await activation(host, id)).toMatchObject({ sealed: "ciphertext" });
    await finish(host, id);
    expect((await host.run(id)).phase.is).not.toBe("live");
    expect(await activation(host, id)).toBeNull();
  });

  it("a restart mints the new one first; the old run's goes with the old run (W-30)", async () => {
    const host = await createTestHost({ pipeline: deliver, script, services: personal });
    const id = await start(host);
    const address = { workspaceId: host.workspace.id, runId: id, actor: host.user, step: 0 };
    await expect(host.execution.restart(address)).rejects.toMatchObject({ code: "credential_required" });
    expect((await host.run(id)).phase.is).toBe("live");
    const next = await host.execution.restart({ ...address, activate: async () => [sealed] });
    expect(await activation(host, id)).toBeNull();
    expect(await activation(host, next.id)).toMatchObject({ runId: next.id });
  });

  it("what expired is swept", async () => {
    const host = await createTestHost({ pipeline: deliver, script, services: personal });
    const id = await start(host);
    expect(await host.store.activations.deleteExpired(sealed.expiresAt)).toBe(0);
    expect(await host.store.activations.deleteExpired(sealed.expiresAt + 1)).toBe(1);
    expect(await activation(host, id)).toBeNull();
  });
});

describe("task limits (acceptance 19, W-16, W-44)", () => {
  const research = { pipeline: { steps: [{ kind: "researcher", approval: { approvers: 1 } }] }, script: { researcher: {} } };

  async function second(host: TestHost, taskType = "feature"): Promise<unknown> {
    const { workspace, task, user, pipeline } = host;
    const input = { title: "another", taskType };
    const added = await host.board.addTask({ workspaceId: workspace.id, parentId: task.parentId ?? "", input, actor: user });
    return host.execution.start({ workspaceId: workspace.id, blockId: added.id, pipelineId: pipeline.id, actor: user });
  }

  it("SET-04 shared: the second start is refused while the first is live, paused on a person or not", async () => {
    const host = await createTestHost({ ...research, settings: { taskLimit: { mode: "shared", shared: 1 } } });
    const { id } = await host.start();
    await host.drive();
    await expect(second(host)).rejects.toMatchObject({ code: "task_limit" });
    await host.reply(id, { answer: "approve" });
    await expect(second(host)).resolves.toMatchObject({ phase: { is: "live" } });
  });

  it("SET-04 off: both start; per type: only the type that has a limit is counted", async () => {
    const off = await createTestHost(research);
    await off.start();
    await expect(second(off)).resolves.toBeDefined();
    const typed = await createTestHost({ ...research, settings: { taskLimit: { mode: "per-type", perType: { feature: 1 } } } });
    await typed.start();
    await expect(second(typed, "bug")).resolves.toBeDefined();
    await expect(second(typed, "feature")).rejects.toMatchObject({ code: "task_limit", details: { taskType: "feature" } });
  });

  it("a limit of nothing cannot be set", async () => {
    await expect(createTestHost({ ...research, settings: { taskLimit: { mode: "shared", shared: 0 } } })).rejects.toMatchObject({
      code: "validation",
    });
  });
});

describe("merge on demand (acceptance 2)", () => {
  it("a severe change waits for a person; a finished one without a merger is merged by a run of its own", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "coder" }] },
      script: { ...script, merger: { answer: { ...score, risk: 0.9 } } },
    });
    const address = { workspaceId: host.workspace.id, blockId: host.task.id, actor: host.user };
    await expect(host.execution.merge(address)).rejects.toMatchObject({ code: "conflict" });
    await merged(host);
    expect(await host.block()).toMatchObject({ status: "pr_ready", merged: null });
    const { id } = await host.execution.merge(address);
    await host.drive();
    expect(await host.block()).toMatchObject({ status: "pr_ready" });
    await host.reply(id, { answer: "approve" });
    await host.drive();
    expect(await host.block()).toMatchObject({ status: "done", merged: { runId: id } });
    expect(host.forge.landed).toHaveLength(1);
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toEqual([]);
  });
});

async function end(host: TestHost, runId: string, as: "failed" | "cancelled"): Promise<void> {
  await host.execution.stop({ workspaceId: host.workspace.id, runId, as, reason: "enough", actor: host.user });
  await host.drive();
}
