import { MillraceError, type AgentExecutor } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { createTestHost, type TestHost, type TestHostOptions } from "@millrace/testing";

const inline: TestHostOptions = {
  pipeline: { steps: [{ kind: "researcher" }, { kind: "documenter" }, { kind: "researcher" }] },
  script: { researcher: { say: "options" }, documenter: { say: "docs" } },
};
const at = (host: TestHost, runId: string) => ({ workspaceId: host.workspace.id, runId, actor: host.user });
const eventsOf = async (host: TestHost, runId: string) =>
  (await host.store.events.ofRun(host.workspace.id, runId, 0, 1000)).map(({ entry }) => entry.event);

describe("the model of a step is shown while it works (acceptance 1 and 9)", () => {
  it("of an inline step from its first event on, and the call's own word replaces it", async () => {
    const seen: (string | null)[] = [];
    const host: TestHost = await createTestHost({
      ...inline,
      wrap: (ports) => ({ ...ports, agents: withLabels(ports.agents, async (kind) => `known:${kind}`) }),
    });
    const { id, steps } = await host.start();
    seen.push(steps[0]?.model ?? null);
    await host.execution.advance(at(host, id));
    seen.push((await host.run(id)).steps[1]?.model ?? null);
    await host.drive();
    expect(seen).toEqual(["known:researcher", "known:documenter"]);
    expect((await host.run(id)).steps.map(({ model }) => model)).toEqual(["scripted:scripted", "scripted:scripted", "scripted:scripted"]);
    const asked = (await eventsOf(host, id)).flatMap((event) => (event.type === "effect-requested" ? [event.model] : []));
    expect(asked).toEqual(["known:researcher", "known:documenter", "known:researcher"]);
  });

  it("a pin is what is shown: the participant's before the block's before the workspace's", async () => {
    const participants = [
      { id: "a", role: "x", model: "own:model" },
      { id: "b", role: "y" },
    ];
    const panel = { steps: [{ kind: "researcher", consensus: { strategy: "panel" as const, participants } }] };
    const settings = { models: { researcher: "default:model" } };
    const labels = async (more: Partial<TestHostOptions>): Promise<readonly (string | undefined)[]> => {
      const host = await createTestHost({ ...inline, pipeline: panel, settings, ...more });
      const { id } = await host.start();
      await host.drive();
      return (await eventsOf(host, id)).flatMap((event) => (event.type === "effect-requested" ? [event.model] : []));
    };
    // An event names the model only when it differs from the one that is shown.
    expect(await labels({})).toEqual(["own:model", "default:model", undefined]);
    expect(await labels({ task: { modelId: "pin:model" } })).toEqual(["own:model", "pin:model", undefined]);
  });

  it.each<[string, () => Promise<string | null>]>([
    ["does not know", () => Promise.resolve(null)],
    ["rejects", () => Promise.reject(new MillraceError("unavailable", "no catalogue"))],
    [
      "throws",
      () => {
        throw new MillraceError("agent_missing", "no such agent");
      },
    ],
  ])("an executor that cannot tell keeps nobody from working: it %s", async (_name, resolveModel) => {
    const host = await createTestHost({ ...inline, wrap: (ports) => ({ ...ports, agents: withLabels(ports.agents, resolveModel) }) });
    const { id, steps } = await host.start();
    expect(steps[0]?.model).toBeNull();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
  });
});

function withLabels(agents: AgentExecutor, resolveModel: (kind: string) => Promise<string | null>): AgentExecutor {
  return {
    resolveModel,
    rateOf: (kind, request) => agents.rateOf(kind, request),
    run: (task, signal) => agents.run(task, signal),
    startJob: (task) => agents.startJob(task),
    pollJob: (handle) => agents.pollJob(handle),
    stopJob: (handle) => agents.stopJob(handle),
    forget: (handle) => agents.forget(handle),
  };
}
