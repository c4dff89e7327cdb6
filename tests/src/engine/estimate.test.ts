import { describe, expect, it } from "vitest";
import { createTestHost, summaryOf, type TestHost, type TestHostOptions } from "@millrace/testing";

const low = { complexity: 0.1, risk: 0.2, impact: 0.1, rationale: "one line" };
const gating = { minRisk: 0.5 };

async function finished(options: TestHostOptions): Promise<{ readonly host: TestHost; readonly summaryOf: string; readonly id: string }> {
  const host = await createTestHost(options);
  const { id } = await host.start();
  await host.drive();
  return { host, summaryOf: summaryOf(await host.run(id)), id };
}

const reviewed: TestHostOptions["pipeline"] = {
  steps: [{ kind: "task-estimator" }, { kind: "architect" }, { kind: "architect-companion", gating }, { kind: "documenter" }],
};
const script = {
  architect: { say: "design" },
  "architect-companion": { answer: { rating: 0.9, summary: "good" } },
  documenter: { say: "docs" },
} as const;

describe("how sure an agent says it is (acceptance 1)", () => {
  it("is kept with the task, the newest word of its run; a new run begins without one, and what is no such number is dropped", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "researcher" }, { kind: "architect" }, { kind: "documenter" }] },
      script: {
        researcher: { say: "options", confidence: 0.4 },
        architect: { say: "a design", confidence: 0.92 },
        documenter: [{ say: "docs", confidence: 7 }, { polls: 1_000_000 }],
      },
    });
    const { id } = await host.start();
    await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    expect((await host.block()).confidence).toBe(0.4);
    await host.drive();
    expect(await host.block()).toMatchObject({ status: "done", confidence: 0.92 });
    await host.start();
    expect((await host.block()).confidence).toBeNull();
  });
});

describe("estimates and gating (acceptance 15)", () => {
  it("a low estimate skips the companion, and nothing is spent on it", async () => {
    const { host, summaryOf: steps, id } = await finished({ pipeline: reviewed, script: { ...script, "task-estimator": { answer: low } } });
    expect(steps).toBe("task-estimator:done architect:done architect-companion:skipped documenter:done");
    expect(host.agents.begun.map((task) => task.kind)).toEqual(["task-estimator", "architect", "documenter"]);
    expect(await host.output(id, 0)).toBe("complexity 10 %, risk 20 %, impact 10 %: one line");
    expect((await host.block()).estimate).toMatchObject({ risk: 0.2, rationale: "one line" });
    expect((await host.block()).progress).toBe(1);
  });

  it("a high estimate runs it", async () => {
    const { summaryOf: steps } = await finished({
      pipeline: reviewed,
      script: { ...script, "task-estimator": { answer: { ...low, risk: 0.5 } } },
    });
    expect(steps).toBe("task-estimator:done architect:done architect-companion:done documenter:done");
  });

  it("axes out of range are clamped", async () => {
    const { host } = await finished({
      pipeline: { steps: [{ kind: "task-estimator" }] },
      script: { "task-estimator": { answer: { ...low, complexity: 7, risk: -1 } } },
    });
    expect((await host.block()).estimate).toMatchObject({ complexity: 1, risk: 0 });
  });

  it("an answer that is no estimate is kept as text, estimates nothing, and an old estimate of the task does not count (W-38)", async () => {
    const host = await createTestHost({
      pipeline: reviewed,
      script: { ...script, "task-estimator": (_task, call) => (call === 0 ? { answer: low } : { say: "no idea" }) },
    });
    await host.start();
    await host.drive();
    const second = await host.start();
    await host.drive();
    const run = await host.run(second.id);
    expect(run.estimate).toBeNull();
    expect(summaryOf(run)).toContain("architect-companion:done");
    expect(await host.output(second.id, 0)).toBe("no idea");
  });

  it.each([
    ["without an estimator", { steps: [{ kind: "architect" }, { kind: "architect-companion", gating }] }, /no step makes/],
    ["of a step that grades nothing", { steps: [{ kind: "task-estimator" }, { kind: "documenter", gating }] }, /only companions/],
    ["by no axis", { steps: [{ kind: "task-estimator" }, { kind: "architect" }, { kind: "architect-companion", gating: {} }] }, /no axis/],
  ])("gating %s is refused", async (_name, pipeline, message) => {
    await expect(createTestHost({ pipeline, script })).rejects.toThrow(message);
  });
});
