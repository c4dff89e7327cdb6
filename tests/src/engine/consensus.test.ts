import type { PipelineInput } from "@millrace/contracts";
import type { AgentTask } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { Crash, createFaultPlan, withFaults, createTestHost, summaryOf, type TestHost } from "@millrace/testing";

const participants = [
  { id: "cautious", role: "You fear outages." },
  { id: "bold", role: "You want it shipped." },
];

function pipeline(
  consensus: NonNullable<PipelineInput["steps"][number]["consensus"]>,
  kind = "researcher",
): { steps: PipelineInput["steps"] } {
  return { steps: [{ kind, consensus }] };
}

/** Participant part of a task's key: `panel.bold`. */
function voice({ key }: AgentTask): string {
  return /panel\.([a-z]+)/.exec(key)?.[1] ?? "alone";
}

async function drive(host: TestHost): Promise<string> {
  const { id } = await host.start();
  await host.drive();
  return id;
}

describe("consensus", () => {
  it("a panel drafts independently, one synthesis is the step's answer", async () => {
    const host = await createTestHost({
      pipeline: pipeline({ strategy: "panel", participants }),
      script: { researcher: (task) => ({ say: `${voice(task)} says so` }) },
    });
    const id = await drive(host);
    expect(host.agents.begun.map(voice)).toEqual(["cautious", "bold", "synthesizer"]);
    expect(await host.output(id, 0)).toBe("synthesizer says so");
    const [cautious, bold, synthesizer] = host.agents.begun;
    expect(cautious?.systemPrompt).toContain("You fear outages.");
    expect(bold?.attachments).toEqual([]);
    expect(synthesizer?.attachments.map(({ text }) => text)).toEqual(["cautious says so", "bold says so"]);
    expect(synthesizer?.userPrompt).toContain("Expert A");
    expect((await host.run(id)).steps[0]?.model).toBe("consensus:panel:scripted:scripted");
  });

  it("a debate shows everybody the drafts of all, round by round", async () => {
    const host = await createTestHost({
      pipeline: pipeline({ strategy: "debate", participants, rounds: 3 }),
      script: { researcher: (task, call) => ({ say: `${voice(task)} ${call}` }) },
    });
    await drive(host);
    expect(host.agents.begun.map(voice)).toEqual(["cautious", "bold", "cautious", "bold", "cautious", "bold", "synthesizer"]);
    expect(host.agents.begun[2]?.attachments.map(({ text }) => text)).toEqual(["cautious 0", "bold 1"]);
    expect(host.agents.begun[6]?.attachments.map(({ text }) => text)).toEqual(["cautious 4", "bold 5"]);
  });

  it("in a vote the best mean wins, and its draft is the answer", async () => {
    const host = await createTestHost({
      pipeline: pipeline({ strategy: "voting", participants }),
      script: {
        researcher: (task, call) =>
          call < 2
            ? { say: `draft of ${voice(task)}` }
            : {
                answer: {
                  scores: [
                    { draft: 1, value: 0.3 },
                    { draft: 2, value: call === 2 ? 0.9 : 0.7 },
                  ],
                },
              },
      },
    });
    const id = await drive(host);
    expect(await host.output(id, 0)).toBe("draft of bold");
    const events = await host.store.events.ofRun(host.workspace.id, id, 0, 1000);
    const agreed = events
      .map(({ entry }) => entry.event)
      .find((event) => event.type === "fact-recorded" && event.fact.is === "panel-agreed");
    expect(agreed).toMatchObject({ fact: { confidence: 0.8, isClose: false } });
  });

  it("a panel of reviewers grades as one reviewer would: bar, rework and all", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "architect" }, { kind: "architect-companion", consensus: { strategy: "panel", participants } }] },
      script: {
        architect: { say: "design" },
        "architect-companion": (task, call) =>
          voice(task) === "synthesizer" ? { answer: { rating: call < 3 ? 0.2 : 0.9, summary: "graded" } } : { say: "an opinion" },
      },
    });
    const id = await drive(host);
    expect(host.agents.begun.map((task) => task.kind).filter((kind) => kind === "architect")).toHaveLength(2);
    expect(summaryOf(await host.run(id))).toBe("architect:done architect-companion:done");
  });

  it("below its bar one agent does", async () => {
    const host = await createTestHost({
      pipeline: {
        steps: [
          { kind: "task-estimator" },
          { kind: "researcher", consensus: { strategy: "panel", participants, gating: { minRisk: 0.5 } } },
        ],
      },
      script: {
        "task-estimator": { answer: { complexity: 0.9, risk: 0.1, impact: 0.9 } },
        researcher: (task) => ({ say: voice(task) }),
      },
    });
    const id = await drive(host);
    expect(await host.output(id, 1)).toBe("alone");
  });

  it("a crash between two voices repeats none of them", async () => {
    for (let crashAt = 0; crashAt < 12; crashAt += 1) {
      const plan = createFaultPlan();
      const host = await createTestHost({
        pipeline: pipeline({ strategy: "debate", participants }),
        script: { researcher: (task, call) => ({ say: `${voice(task)} ${call}` }) },
        wrap: (ports) => withFaults(ports, plan),
      });
      const { id } = await host.start();
      for (let turn = 0; turn < 12; turn += 1) {
        if (turn === crashAt) plan.crashBeforeCommit.armed = true;
        await host.execution.advance({ workspaceId: host.workspace.id, runId: id }).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
        });
      }
      expect(host.agents.begun.map(voice)).toEqual(["cautious", "bold", "cautious", "bold", "synthesizer"]);
      expect((await host.run(id)).phase.is).toBe("done");
    }
  });

  it("a panel cannot write code", async () => {
    await expect(createTestHost({ pipeline: pipeline({ strategy: "panel", participants }, "coder") })).rejects.toThrow(/panel/);
  });
});
