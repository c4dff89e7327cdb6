import { listedModels } from "@millrace/agents";
import { catalogueModelSchema, type CatalogueModel } from "@millrace/contracts";
import { LOG_START } from "@millrace/kernel";
import { localOwner, type OrchestrationPorts } from "@millrace/orchestration";
import { testUser } from "@millrace/orchestration/spec";
import { createTestHost, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const me = localOwner(testUser);
const way = { via: "direct", provider: "acme", vendor: null, contextTokens: 1000, price: null } as const;
const models: readonly CatalogueModel[] = [
  { id: "one", label: "One", description: "", ways: [{ ...way, model: "one-v2", serves: ["ask-agent", "start-job"] }] },
  { id: "talker", label: "Talker", description: "", ways: [{ ...way, model: "talker", serves: ["ask-agent"] }] },
];

async function withHost(
  over: Partial<OrchestrationPorts> = { catalogue: { models } },
): Promise<TestHost & { readonly workspaceId: string }> {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder" }] },
    script: { coder: { polls: 9 } },
    wrap: (ports) => ({ ...ports, ...over }),
  });
  return { ...host, workspaceId: host.workspace.id };
}

describe("models", () => {
  it("MOD-01 are listed as data, with their ways, and a host without a catalogue lists none", async () => {
    const host = await withHost();
    const first = await host.call("models.catalogue", me, { limit: 1 });
    expect(first).toEqual({ items: [models[0]], nextAfter: "one" });
    expect(await host.call("models.catalogue", me, { after: "one" })).toEqual({ items: [models[1]], nextAfter: null });
    expect(await (await withHost({})).call("models.catalogue", me, {})).toEqual({ items: [], nextAfter: null });
    for (const listed of listedModels) expect(catalogueModelSchema.safeParse(listed).success, listed.id).toBe(true);
  });

  it("MOD-03 of each agent kind say what they resolve to, and whether a start would take them", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    await host.call("models.putDefault", me, { workspaceId, kind: "coder", model: "one" }, { ifMatch: 0 });
    const { items } = await host.call("models.defaults", me, { workspaceId, limit: 200 });
    const kind = (id: string) => items.find((each) => each.kind === id);
    expect(kind("coder")).toMatchObject({ model: "one", revision: 1, resolved: "acme:one-v2", from: "workspace", usable: true });
    expect(kind("ci-fixer")).toMatchObject({ model: null, revision: 0, from: "deployment" });
    expect(kind("ci")).toBeUndefined();
  });

  it("MOD-04 are one row for each kind: two changes at once both land, and an older revision does not", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const put = (kind: string, model: string, ifMatch: number | "*") =>
      host.call("models.putDefault", me, { workspaceId, kind, model }, { ifMatch });
    await Promise.all([put("coder", "one", 0), put("tester", "acme:one-v2", 0)]);
    await expect(put("coder", "talker", 0)).rejects.toMatchObject({ code: "stale_revision", details: { revision: 1 } });
    await expect(put("coder", "unheard", "*")).rejects.toMatchObject({ code: "validation" });
    await expect(put("wizard", "one", "*")).rejects.toMatchObject({ code: "validation" });
    const remove = (kind: string, ifMatch: number | "*") => host.call("models.removeDefault", me, { workspaceId, kind }, { ifMatch });
    await remove("coder", 1);
    await remove("coder", "*");
    expect(await host.store.modelDefaults.list(workspaceId)).toMatchObject([{ kind: "tester" }]);
    const events = (await host.store.events.read(workspaceId, LOG_START, 100)).map(({ entry }) => entry.event);
    expect(events.filter(({ type }) => type === "model-default-changed").at(-1)).toEqual({
      type: "model-default-changed",
      kind: "coder",
      before: "one",
      after: null,
    });
  });

  it("MOD-04 MOD-06 that cannot be used are saved with a warning, and refused at the start", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const saved = await host.call("models.putDefault", me, { workspaceId, kind: "coder", model: "talker" }, { ifMatch: "*" });
    expect(saved).toMatchObject({ model: "talker", usable: false, why: expect.stringContaining("jobs") });
    await expect(host.start()).rejects.toMatchObject({ code: "model_unusable", details: { kinds: ["coder"] } });
    await host.call("models.removeDefault", me, { workspaceId, kind: "coder" }, { ifMatch: "*" });
    expect((await host.start()).steps).toHaveLength(1);
  });

  it("MOD-05 that are offered are those that run: the label at the provider, in the event and in the task of the agent", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    await host.settings.put({ workspaceId, input: { models: { coder: "talker" } }, actor: testUser });
    await host.call("models.putDefault", me, { workspaceId, kind: "coder", model: "one" }, { ifMatch: "*" });
    const { items } = await host.call("models.defaults", me, { workspaceId, limit: 200 });
    const offered = items.find(({ kind }) => kind === "coder")?.resolved;
    const run = await host.start();
    const events = await host.store.events.ofRun(workspaceId, run.id, 0, 100);
    expect(events.flatMap(({ entry }) => (entry.event.type === "effect-requested" ? [entry.event.model] : []))).toEqual([offered]);
    await host.execution.advance({ workspaceId, runId: run.id });
    expect(host.agents.begun.map(({ model }) => model)).toEqual(["acme:one-v2"]);
  });

  it("MOD-05 of a block must be in the catalogue: a stale pin is refused, never passed over", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const pin = (modelId: string | null) => host.board.update({ workspaceId, blockId: host.task.id, input: { modelId }, actor: testUser });
    await expect(pin("unheard")).rejects.toMatchObject({ code: "not_found" });
    await pin("talker");
    await expect(host.start()).rejects.toMatchObject({ code: "model_unusable" });
  });
});
