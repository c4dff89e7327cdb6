/** The operations on runs, through the door. */
import type { Role } from "@millrace/contracts";
import { localOwner, type Caller } from "@millrace/orchestration";
import { completedCheck, createTestHost, testUser, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const owner = localOwner(testUser);
const as = (...roles: readonly Role[]): Caller => ({ ...owner, grants: { ...owner.grants, withoutAccount: roles } });
const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };

async function researching(): Promise<TestHost> {
  return createTestHost({
    pipeline: { steps: [{ kind: "researcher", approval: { approvers: 1 } }, { kind: "documenter" }] },
    script: { researcher: { say: "0123456789" }, documenter: { say: "docs" } },
  });
}

const addressOf = (host: TestHost, runId: string) => ({ workspaceId: host.workspace.id, runId });
const startOf = (host: TestHost) => ({ workspaceId: host.workspace.id, blockId: host.task.id, pipelineId: host.pipeline.id });

describe("runs.view", () => {
  it("RUN-02 shows the run with its wait, and a cursor that later events come after", async () => {
    const host = await researching();
    const { id } = await host.start();
    await host.drive();
    const { run, cursor } = await host.call("runs.view", owner, addressOf(host, id));
    expect(run).toMatchObject({ id, status: "waiting", wait: { on: "approval", text: "0123456789" } });
    expect(await host.store.events.read(host.workspace.id, cursor, 10)).toEqual([]);
    await host.reply(id, { answer: "approve" });
    expect((await host.store.events.read(host.workspace.id, cursor, 10)).length).toBeGreaterThan(0);
  });

  it("RUN-27 says of each action what it would answer: true, or the refusal that the action itself gives", async () => {
    const host = await researching();
    const { id } = await host.start();
    await host.drive();
    const address = addressOf(host, id);
    const { can } = await host.call("runs.view", owner, address);
    expect(
      Object.entries(can)
        .filter(([, one]) => one.can)
        .map(([name]) => name),
    ).toEqual(["stop", "cancel", "restart", "answer"]);
    const refusals = {
      retry: () => host.call("runs.retry", owner, address, { key: "k" }),
      resume: () => host.call("runs.resume", owner, address),
      merge: () => host.call("runs.merge", owner, { workspaceId: host.workspace.id, blockId: host.task.id }, { key: "k" }),
    };
    for (const [name, act] of Object.entries(refusals)) {
      const said = can[name as keyof typeof refusals];
      expect([name, said.can]).toEqual([name, false]);
      await expect(act()).rejects.toMatchObject(said.can ? {} : { code: said.code, message: said.because });
    }
  });
});

describe("runs.start", () => {
  it("RUN-04 starts for a product person only what delivers nothing", async () => {
    const host = await createTestHost({ pipeline: { steps: [{ kind: "coder" }] }, script: { coder: { change: { a: "1" } } } });
    await expect(host.call("runs.start", as("product"), startOf(host), { key: "k" })).rejects.toMatchObject({
      code: "forbidden",
      details: { capability: "run.start" },
    });
    expect((await host.call("runs.start", as("product", "developer"), startOf(host), { key: "k" })).phase.is).toBe("live");
    const other = await researching();
    expect((await other.call("runs.start", as("product"), startOf(other), { key: "k" })).phase.is).toBe("live");
  });

  it("RUN-04 needs a key, and starts one run however often the request is sent", async () => {
    const host = await researching();
    await expect(host.call("runs.start", owner, startOf(host))).rejects.toMatchObject({ code: "invalid_request" });
    const first = await host.call("runs.start", owner, startOf(host), { key: "k" });
    expect(await host.call("runs.start", owner, startOf(host), { key: "k" })).toEqual(first);
    await expect(host.call("runs.start", owner, startOf(host), { key: "k2" })).rejects.toMatchObject({ code: "run_in_progress" });
  });
});

describe("runs.preview", () => {
  it("RUN-03 names every refusal and the models it would call, and writes nothing", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "researcher" }] },
      script: { researcher: { say: "options" } },
      services: {
        models: {
          status: ({ kind }) =>
            Promise.resolve({ kind, model: "acme:one", usable: false, why: "has no key", fix: "add a key", vendor: null }),
        },
      },
    });
    const before = await host.store.events.end();
    expect(await host.call("runs.preview", owner, startOf(host))).toMatchObject({
      steps: [{ kind: "researcher" }],
      models: [{ kind: "researcher", model: "acme:one", usable: false, why: "has no key" }],
      refusals: [{ code: "model_unusable", fix: "add a key" }],
    });
    expect(await host.store.events.end()).toBe(before);
  });

  it("RUN-03 refuses nothing that a start accepts, and says that a run is live", async () => {
    const host = await researching();
    expect((await host.call("runs.preview", owner, startOf(host))).refusals).toEqual([]);
    await host.start();
    const [refusal] = (await host.call("runs.preview", owner, startOf(host))).refusals;
    expect(refusal?.code).toBe("run_in_progress");
  });
});

describe("runs.retry and runs.restart", () => {
  it.each(["runs.retry", "runs.restart"] as const)("RUN-07 RUN-08 %s of a run that another took the place of is refused", async (name) => {
    const host = await researching();
    const { id: first } = await host.start();
    await host.execution.stop({ ...addressOf(host, first), as: "failed", reason: "enough", actor: testUser });
    await host.drive();
    const second = await host.call("runs.retry", owner, addressOf(host, first), { key: "k" });
    await host.execution.stop({ ...addressOf(host, second.id), as: "failed", reason: "enough", actor: testUser });
    await host.drive();
    const again = { ...addressOf(host, first), ...(name === "runs.restart" ? { step: 0 } : {}) };
    await expect(host.call(name, owner, again as never, { key: "k2" })).rejects.toMatchObject({
      code: "conflict",
      details: { lastRunId: second.id },
    });
  });
});

describe("runs.answer", () => {
  it("RUN-11 lets only those answer a merge who may approve one", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }] },
      script: { coder: { change: { a: "1" } }, merger: { answer: { ...score, risk: 0.9 } } },
    });
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    const { id } = await host.start();
    await host.drive();
    const { run } = await host.call("runs.view", owner, addressOf(host, id));
    const answer = {
      ...addressOf(host, id),
      wait: run.wait?.id ?? "",
      subject: run.wait?.subject ?? "",
      reply: { answer: "approve" } as const,
    };
    expect(run.wait?.on).toBe("merge");
    await expect(host.call("runs.answer", as("product"), answer)).rejects.toMatchObject({
      code: "forbidden",
      details: { capability: "merge.approve" },
    });
    await host.call("runs.answer", as("developer"), answer);
    await host.drive();
    expect((await host.block()).merged?.runId).toBe(id);
  });
});

describe("reads of a run", () => {
  it("RUN-19 reads an output by range", async () => {
    const host = await researching();
    const { id } = await host.start();
    await host.drive();
    const at = { ...addressOf(host, id), step: 0 };
    expect(await host.call("runs.output", owner, { ...at, from: 2, chars: 3 })).toMatchObject({ chars: 10, from: 2, text: "234" });
    expect(await host.call("runs.output", owner, { ...at, step: 1 })).toBeNull();
    await expect(host.call("runs.output", owner, { ...at, step: 7 })).rejects.toMatchObject({ code: "not_found" });
  });

  it("RUN-22 reads events in their order, a page at a time", async () => {
    const host = await researching();
    const { id } = await host.start();
    await host.drive();
    const all = (await host.call("runs.events", owner, addressOf(host, id))).items;
    const pages = [];
    for (let after = 0; ; after += 3) {
      const { items } = await host.call("runs.events", owner, { ...addressOf(host, id), after, limit: 3 });
      if (items.length === 0) break;
      pages.push(...items);
    }
    expect(pages).toEqual(all);
    expect(all[0]?.event.type).toBe("run-started");
  });

  it("RUN-20 names what a merge stands on: head and base, settings, checks, who approved", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "coder", approval: { approvers: 1 } }, { kind: "ci" }, { kind: "merger" }] },
      script: { coder: { change: { a: "1" } }, merger: { answer: score } },
    });
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    const { id } = await host.start();
    await host.drive();
    await host.reply(id, { answer: "approve" });
    await host.drive();
    const evidence = await host.call("runs.evidence", owner, addressOf(host, id));
    const { merged } = await host.block();
    expect(evidence.merge).toEqual(merged);
    const gate = evidence.steps.find(({ kind }) => kind === "ci");
    expect(gate?.verdict).toMatchObject({ head: merged?.head, base: merged?.base, checks: [{ name: "test" }] });
    expect(evidence.steps[0]?.approved?.by).toEqual(["ada"]);
  });

  it("G-11 no read of a run writes", async () => {
    const host = await researching();
    const { id } = await host.start();
    await host.drive();
    const before = [await host.store.events.end(), await host.store.runs.get(host.workspace.id, id)];
    for (const name of ["runs.view", "runs.events", "runs.evidence"] as const) await host.call(name, owner, addressOf(host, id));
    expect([await host.store.events.end(), await host.store.runs.get(host.workspace.id, id)]).toEqual(before);
  });
});

it("RUN-05 RUN-06 stops and cancels a run for those who may control runs", async () => {
  const host = await researching();
  const { id } = await host.start();
  const stopped = host.call("runs.stop", as("product"), { ...addressOf(host, id), reason: "enough" });
  await expect(stopped).rejects.toMatchObject({ code: "forbidden" });
  expect((await host.call("runs.stop", as("developer"), { ...addressOf(host, id), reason: "enough" })).phase.is).not.toBe("live");
  await host.drive();
  await host.call("runs.cancel", as("developer"), { workspaceId: host.workspace.id, blockId: host.task.id, reason: "not now" });
  expect((await host.block()).status).toBe("planned");
});
