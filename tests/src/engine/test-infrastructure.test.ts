import { LOG_START } from "@millrace/kernel";
import { outsideServicesOff } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import type { TestHost, TestHostOptions } from "@millrace/testing";
import { begun, driven, lettingOthersIn, report, testerHost } from "./tester.fixture.js";

const environments: typeof outsideServicesOff.environments = {
  isOn: true,
  provision: () => Promise.resolve({ provider: "previews", id: "e", status: "ready", url: null, expiresAt: 0 }),
  takeDown: () => Promise.resolve(),
};
const nothingLocal: Partial<TestHostOptions> = { options: { localTestInfrastructure: false }, script: { tester: report(true) } };

const local: Partial<TestHostOptions> = { task: { testEnvironment: "local" } };
const composed = { composePath: "compose.yml", noInfrastructure: false };

describe("a run with a tester starts only where it can test (21.5)", () => {
  it.each<[string, Partial<TestHostOptions>]>([
    ["nothing local, a provider", { ...nothingLocal, services: { environments } }],
    ["nothing local, nothing needed", { ...nothingLocal, ...local, testing: { composePath: null, noInfrastructure: true } }],
    ["local infrastructure, ephemeral", { script: { tester: report(true) } }],
    ["local infrastructure, a compose file", { script: { tester: report(true) }, ...local, testing: composed }],
  ])("%s: it does", async (_name, options) => {
    const host = await testerHost(options);
    expect((await host.run(await driven(host))).phase.is).toBe("done");
  });

  it.each<[string, Partial<TestHostOptions>, RegExp]>([
    ["nothing local, no provider", nothingLocal, /environment provider/],
    ["nothing local, a provider, the task wants local", { ...nothingLocal, ...local, services: { environments } }, /ephemeral/],
    ["nothing local, a compose file that nobody can bring up", { ...nothingLocal, ...local, testing: composed }, /ephemeral/],
    ["local infrastructure, local, unset", local, /compose file/],
  ])("%s: it is refused with what to do, and no notification was raised", async (_name, options, fix) => {
    const host = await testerHost(options);
    await expect(host.start()).rejects.toMatchObject({ code: "conflict", fix: expect.stringMatching(fix) });
    expect(host.agents.begun).toEqual([]);
    expect(await host.block()).toMatchObject({ runId: null, status: "planned" });
  });

  it("a tester that is disabled needs no place to test (W-42)", async () => {
    const host = await testerHost({ ...nothingLocal, pipeline: { steps: [{ kind: "coder" }, { kind: "tester", enabled: false }] } });
    expect((await host.run(await driven(host))).phase.is).toBe("done");
    expect(begun(host)).toEqual(["coder"]);
  });

  it("is asked again by retry and restart, over the steps that are still to be done", async () => {
    const others = lettingOthersIn({
      ...nothingLocal,
      services: { environments },
      pipeline: { steps: [{ kind: "coder" }, { kind: "tester" }, { kind: "documenter" }] },
      script: { tester: report(true), documenter: [{ fails: { code: "x", message: "no model" } }, { say: "docs" }] },
    });
    const host = await testerHost(others.options);
    const id = await driven(host);
    expect((await host.run(id)).phase.is).toBe("failed");
    const poorer = others.open({ environments: outsideServicesOff.environments }, { localTestInfrastructure: false });
    const address = { workspaceId: host.workspace.id, actor: host.user };
    await expect(poorer.execution.restart({ ...address, runId: id, step: 1 })).rejects.toMatchObject({ code: "conflict" });
    await expect(poorer.execution.restart({ ...address, runId: id, step: 0 })).rejects.toMatchObject({ code: "conflict" });
    expect((await host.run(id)).phase.is).toBe("failed");
    const again = await poorer.execution.retry({ ...address, runId: id });
    await host.drive();
    expect((await host.run(again.id)).phase.is).toBe("done");
    expect(begun(host)).toEqual(["coder", "tester", "documenter", "documenter"]);
  });

  it("a service that is said to need nothing lets the same task start; to say it is in the log", async () => {
    const host = await testerHost({ script: { tester: report(true) }, ...local });
    await expect(host.start()).rejects.toMatchObject({ code: "conflict" });
    const workspaceId = host.workspace.id;
    const serviceId = host.task.parentId ?? "";
    const input = { noInfrastructure: true };
    const service = await host.board.putTesting({ workspaceId, serviceId, input, actor: host.user });
    expect(service.testing).toEqual({ composePath: null, noInfrastructure: true });
    expect(await host.store.blocks.get(workspaceId, serviceId)).toEqual(service);
    const logged = await host.store.events.read(workspaceId, LOG_START, 1000);
    expect(logged.at(-1)?.entry).toMatchObject({ actor: host.user, event: { type: "service-changed", blockId: serviceId } });
    expect((await host.run(await driven(host))).phase.is).toBe("done");
  });

  it.each<[string, unknown, (host: TestHost) => string, string]>([
    ["a file outside the repository", { composePath: "a/../../compose.yml" }, ({ task }) => task.parentId ?? "", "validation"],
    ["an absolute file", { composePath: "/compose.yml" }, ({ task }) => task.parentId ?? "", "validation"],
    ["a task", null, ({ task }) => task.id, "validation"],
    ["a service that is not there", null, () => "blk_x", "not_found"],
  ])("%s is refused", async (_name, input, idOf, code) => {
    const host = await testerHost({ script: { tester: report(true) } });
    const request = { workspaceId: host.workspace.id, serviceId: idOf(host), input, actor: host.user };
    await expect(host.board.putTesting(request)).rejects.toMatchObject({ code });
  });
});
