import { composeOrchestration, type Orchestration, type OrchestrationPorts } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { createTestHost, type ScriptedKind, type TestHost } from "@millrace/testing";

/** A host whose reads of documents and outputs are counted, and a second engine on its store, as another process has it. */
async function twoEngines(steps: number, researcher: ScriptedKind = { say: "options" }) {
  const documents: string[] = [];
  const outputs: (readonly string[])[] = [];
  const others: Orchestration[] = [];
  const wrap = (ports: OrchestrationPorts): OrchestrationPorts => {
    others.push(composeOrchestration(ports));
    const { store } = ports;
    const runs = {
      ...store.runs,
      get: (workspaceId: string, id: string) => {
        documents.push(id);
        return store.runs.get(workspaceId, id);
      },
    };
    const getMany = (workspaceId: string, keys: readonly string[]) => {
      outputs.push(keys);
      return store.outputs.getMany(workspaceId, keys);
    };
    return { ...ports, store: { ...store, runs, outputs: { ...store.outputs, getMany } } };
  };
  const pipeline = { steps: Array.from({ length: steps }, () => ({ kind: "researcher" })) };
  const host = await createTestHost({ pipeline, script: { researcher }, wrap });
  const [other] = others;
  if (other === undefined) throw new Error("the host wrapped no ports");
  const { id } = await host.start();
  return { host, other, documents, outputs, at: { workspaceId: host.workspace.id, runId: id, actor: host.user } };
}

const asked = (host: TestHost): number => host.agents.begun.length;

describe("a committed run is carried over to the next advance", () => {
  it("its document is not read again while nobody else moves it", async () => {
    const { host, documents, at } = await twoEngines(4);
    for (let turn = 0; turn < 4; turn += 1) await host.execution.advance(at);
    expect(documents).toEqual([]);
    expect((await host.run(at.runId)).phase.is).toBe("done");
  });

  it("a stop by another process is seen by the very next advance, and nothing more is asked of an agent", async () => {
    const { host, other, documents, at } = await twoEngines(4);
    await host.execution.advance(at);
    await other.execution.stop({ ...at, as: "cancelled", reason: "enough" });
    await host.execution.advance(at);
    expect(asked(host)).toBe(1);
    expect(documents).toEqual([at.runId]);
    expect((await host.run(at.runId)).phase.is).toBe("cancelled");
  });

  it("engines that take turns see each other's steps, and none is done twice", async () => {
    const { host, other, at } = await twoEngines(5);
    for (const engine of [host, other, other, host, other]) await engine.execution.advance(at);
    const run = await host.run(at.runId);
    expect(run.phase.is).toBe("done");
    expect(host.agents.begun.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4]);
    const log = await host.store.events.ofRun(at.workspaceId, at.runId, 0, 1000);
    expect(log.map(({ sequence }) => sequence)).toEqual(Array.from({ length: run.revision }, (_, index) => index + 1));
  });

  it("an id of another workspace is not found, although the run is at hand", async () => {
    const { host, at } = await twoEngines(2);
    await host.execution.advance(at);
    await expect(host.execution.advance({ ...at, workspaceId: "ws_other" })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("earlier outputs in a prompt", () => {
  it("are read in one query where another process wrote them, the newest that fit and no others", async () => {
    const { host, other, outputs, at } = await twoEngines(6, { say: "x".repeat(30_000) });
    for (let turn = 0; turn < 5; turn += 1) await other.execution.advance(at);
    await host.execution.advance(at);
    expect(outputs.map((keys) => keys.length)).toEqual([3]);
    const last = host.agents.begun.at(-1)?.priorOutputs.map(({ text }) => text.length) ?? [];
    expect(last).toHaveLength(3);
    for (const length of last) expect(length).toBeLessThanOrEqual(20_000);
    expect(outputs.at(-1)?.[0]).toBe((await host.run(at.runId)).steps[2]?.output?.key);
  });

  it("are not read where this process wrote them, and say the same", async () => {
    const { host, outputs, at } = await twoEngines(3, (_task, call) => ({ say: `answer ${call}` }));
    for (let turn = 0; turn < 3; turn += 1) await host.execution.advance(at);
    expect(outputs).toEqual([]);
    expect(host.agents.begun.at(-1)?.priorOutputs.map(({ text }) => text)).toEqual(["answer 0", "answer 1"]);
  });

  it("that are too long to be remembered are read", async () => {
    const { host, outputs, at } = await twoEngines(2, { say: "x".repeat(100_001) });
    for (let turn = 0; turn < 2; turn += 1) await host.execution.advance(at);
    expect(outputs.map((keys) => keys.length)).toEqual([1]);
  });
});
