import { describe, expect, it } from "vitest";
import { completedCheck, createTestHost, summaryOf, type TestHostOptions } from "@millrace/testing";

const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "adds one function with its test" };

/** The coder breaks CI, the fixer repairs it, the reviewer asks for one rework, CI is green on the new head, the merger merges. */
const story: TestHostOptions = {
  pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "reviewer" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }] },
  script: {
    coder: [{ change: { "sum.js": "broken" } }, { change: { "sum.js": "fine, with a comment" } }],
    "ci-fixer": { change: { "sum.js": "fine" } },
    reviewer: [
      { answer: { rating: 0.7, summary: "say why", comments: [{ body: "explain the loop" }] } },
      { answer: { rating: 0.9, summary: "good" } },
    ],
    merger: { answer: score },
  },
};

describe("the main job", () => {
  it("takes a task through red CI, a fixer, a rework and green CI to a merged change", async () => {
    const host = await createTestHost(story);
    host.forge.judgeWith((_head, tree) => [completedCheck("test", tree["sum.js"] === "broken" ? "failure" : "success")]);
    const { id } = await host.start();
    await host.drive();

    const run = await host.run(id);
    expect(run.phase.is).toBe("done");
    expect(summaryOf(run)).toBe("coder:done ci:done reviewer:done conflicts:done ci:done merger:done");
    expect(host.forge.landed).toHaveLength(1);
    expect(host.forge.landed[0]?.tree["sum.js"]).toBe("fine, with a comment");
    expect(await host.block()).toMatchObject({ status: "done", progress: 1, merged: { commit: run.merged, runId: id } });
    expect(host.agents.begun.map((task) => task.kind)).toEqual(["coder", "ci-fixer", "reviewer", "coder", "reviewer", "merger"]);
  });

  it("tells the fixer what failed and the coder what the reviewer wants", async () => {
    const host = await createTestHost(story);
    host.forge.judgeWith((_head, tree) => [completedCheck("test", tree["sum.js"] === "broken" ? "failure" : "success", "1 != 2")]);
    await host.start();
    await host.drive();

    const fixer = host.agents.begun.find((task) => task.kind === "ci-fixer");
    expect(fixer?.briefs[0]?.text).toContain("1 != 2");
    const rework = host.agents.begun.filter((task) => task.kind === "coder")[1];
    expect(rework?.revision).toMatchObject({ feedback: "say why", comments: [{ body: "explain the loop" }], previousText: "done" });
  });
});
