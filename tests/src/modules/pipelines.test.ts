import type { PipelineInput } from "@millrace/contracts";
import { isMillraceError, LOG_START } from "@millrace/kernel";
import { localOwner } from "@millrace/orchestration";
import { testUser } from "@millrace/orchestration/spec";
import { createTestHost, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const me = localOwner(testUser);
const deliver: PipelineInput["steps"] = [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }];

async function withHost(options: Partial<Parameters<typeof createTestHost>[0]> = {}): Promise<TestHost & { readonly workspaceId: string }> {
  const host = await createTestHost({ pipeline: { steps: [{ kind: "researcher" }] }, ...options });
  return { ...host, workspaceId: host.workspace.id };
}

async function eventsOf({ store, workspaceId }: Pick<TestHost, "store"> & { readonly workspaceId: string }) {
  const logged = await store.events.read(workspaceId, LOG_START, 1000);
  return logged.map(({ entry }) => entry.event).filter(({ type }) => type.startsWith("pipeline-"));
}

/** Issues of the refusal. */
async function issuesOf(attempt: Promise<unknown>): Promise<unknown> {
  try {
    await attempt;
    return "accepted";
  } catch (error) {
    if (!isMillraceError(error, "pipeline_invalid")) throw error;
    return error.details["issues"];
  }
}

describe("pipelines of a workspace", () => {
  it("PIP-01 are listed by id with their origin and where they are used, archived ones when asked for", async () => {
    const host = await withHost({ options: { pipelines: [{ id: "pl_house", name: "House", steps: [{ kind: "researcher" }] }] } });
    const { workspaceId } = host;
    const list = async (over: object = {}) => (await host.call("pipelines.list", me, { workspaceId, limit: 200, ...over })).items;
    const all = await list();
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted());
    expect(
      all.filter(({ id }) => ["pl_full", "pl_house", "pl_test"].includes(id)).map(({ id, origin, revision }) => [id, origin, revision]),
    ).toEqual([
      ["pl_full", "built-in", null],
      ["pl_house", "registered", null],
      ["pl_test", "workspace", 1],
    ]);
    await host.board.update({ workspaceId, blockId: host.task.id, input: { pipelineId: "pl_full" }, actor: testUser });
    expect(await host.call("pipelines.get", me, { workspaceId, pipelineId: "pl_full" })).toMatchObject({ tasks: 1, origin: "built-in" });
    await expect(host.call("pipelines.get", me, { workspaceId, pipelineId: "pl_none" })).rejects.toMatchObject({ code: "not_found" });
    await host.call("pipelines.organize", me, { workspaceId, pipelineId: "pl_full", archived: true, labels: ["big"] }, { ifMatch: 0 });
    expect((await list()).some(({ id }) => id === "pl_full")).toBe(false);
    expect((await list({ archived: true, label: "big" })).map(({ id }) => id)).toEqual(["pl_full"]);
    const paged: string[] = [];
    for (let after: string | null | undefined; after !== null;) {
      const page = await host.call("pipelines.list", me, {
        workspaceId,
        limit: 5,
        archived: true,
        ...(after === undefined ? {} : { after }),
      });
      paged.push(...page.items.map(({ id }) => id));
      after = page.nextAfter;
    }
    expect(paged).toEqual(all.map(({ id }) => id));
  });

  it("PIP-02 are added under a free id only, whole, and with every issue told at once", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const create = (input: object) => host.call("pipelines.create", me, { workspaceId, name: "Mine", steps: deliver, ...input });
    expect(await create({ id: "pl_mine", labels: ["ours"] })).toMatchObject({
      id: "pl_mine",
      origin: "workspace",
      revision: 1,
      organization: { labels: ["ours"], archived: false, revision: 1 },
      tasks: 0,
    });
    await expect(create({ id: "pl_mine" })).rejects.toMatchObject({ code: "already_exists" });
    await expect(create({ id: "pl_full" })).rejects.toMatchObject({ code: "already_exists" });
    expect(await issuesOf(create({ steps: [{ kind: "wizard" }, { kind: "reviewer" }, { kind: "merger" }] }))).toMatchObject([
      { step: 1, kind: "wizard" },
      { step: 2, kind: "reviewer" },
      { step: 3, kind: "merger" },
    ]);
    await expect(create({ labels: ["twice", "twice"] })).rejects.toMatchObject({ code: "invalid_request" });
    expect(await eventsOf(host)).toEqual([{ type: "pipeline-created", pipelineId: "pl_mine", digest: expect.any(String) }]);
  });

  it("PIP-02 are at most 200, and what is sent again with its key is added once", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const create = (number: number) =>
      host.call("pipelines.create", me, { workspaceId, name: `P ${number}`, steps: deliver }, { key: `key ${number}` });
    for (let number = 1; number < 200; number += 1) await create(number);
    await expect(create(200)).rejects.toMatchObject({ code: "limit_reached", details: { max: 200 } });
    expect((await create(1)).name).toBe("P 1");
    await expect(host.call("pipelines.clone", me, { workspaceId, pipelineId: "pl_quick" })).rejects.toMatchObject({
      code: "limit_reached",
    });
  });

  it("PIP-03 are copied, built-in ones too, under every rule of this host", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const copy = await host.call("pipelines.clone", me, { workspaceId, pipelineId: "pl_quick" });
    const source = await host.call("pipelines.get", me, { workspaceId, pipelineId: "pl_quick" });
    expect(copy).toMatchObject({ name: `${source.name} (copy)`, origin: "workspace", steps: source.steps, revision: 1 });
    expect(copy.id).not.toBe(source.id);
    // It files a ticket, and this host has no tracker.
    expect(await issuesOf(host.call("pipelines.clone", me, { workspaceId, pipelineId: "pl_tech_debt" }))).toMatchObject([
      { step: 2, kind: "tracker", message: expect.stringContaining("issue tracker") },
    ]);
  });

  it("PIP-04 are changed under the revision that was seen; live runs keep their copy", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const update = (input: object, ifMatch: number | "*", pipelineId = "pl_test") =>
      host.call("pipelines.update", me, { workspaceId, pipelineId, ...input }, { ifMatch });
    const run = await host.start();
    expect(await update({ steps: deliver }, 1)).toMatchObject({ name: "Test", revision: 2, steps: deliver });
    await expect(update({ name: "Late" }, 1)).rejects.toMatchObject({ code: "stale_revision", details: { revision: 2 } });
    await expect(host.call("pipelines.update", me, { workspaceId, pipelineId: "pl_test", name: "No" })).rejects.toMatchObject({
      code: "precondition_required",
    });
    expect(await issuesOf(update({ steps: [{ kind: "merger" }] }, 2))).toMatchObject([{ step: 1 }]);
    expect(await update({ name: "Named" }, "*")).toMatchObject({ name: "Named", revision: 3 });
    await expect(update({ name: "Mine" }, "*", "pl_full")).rejects.toMatchObject({
      code: "read_only",
      fix: expect.stringContaining("clone"),
    });
    await expect(update({ name: "Mine" }, "*", "pl_none")).rejects.toMatchObject({ code: "not_found" });
    expect((await host.run(run.id)).steps.map(({ definition }) => definition.kind)).toEqual(["researcher"]);
    expect((await eventsOf(host)).map((event) => ("fields" in event ? event.fields : []))).toEqual([["steps"], ["name"]]);
  });

  it("PIP-05 are labelled and archived beside an edit of their steps, built-in ones too", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const organize = (input: object, ifMatch: number | "*", pipelineId = "pl_test") =>
      host.call("pipelines.organize", me, { workspaceId, pipelineId, ...input }, { ifMatch });
    const [organized, updated] = await Promise.all([
      organize({ labels: ["ours"] }, 0),
      host.call("pipelines.update", me, { workspaceId, pipelineId: "pl_test", name: "Other" }, { ifMatch: 1 }),
    ]);
    expect([organized.organization.labels, updated.name]).toEqual([["ours"], "Other"]);
    expect(await organize({ archived: true }, 1)).toMatchObject({ organization: { labels: ["ours"], archived: true, revision: 2 } });
    await expect(organize({ archived: false }, 1)).rejects.toMatchObject({ code: "stale_revision", details: { revision: 2 } });
    expect(await organize({ labels: ["built in"] }, 0, "pl_full")).toMatchObject({ origin: "built-in", organization: { revision: 1 } });
    await expect(organize({ archived: true }, "*", "pl_none")).rejects.toMatchObject({ code: "not_found" });
  });

  it("PIP-06 are removed only when no task names them, or another one takes their place", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const remove = (pipelineId: string, over: object = {}, ifMatch: number | "*" = "*") =>
      host.call("pipelines.remove", me, { workspaceId, pipelineId, ...over }, { ifMatch });
    await host.board.update({ workspaceId, blockId: host.task.id, input: { pipelineId: "pl_test" }, actor: testUser });
    await expect(remove("pl_test")).rejects.toMatchObject({ code: "in_use", details: { tasks: [{ id: host.task.id, title: "a task" }] } });
    await expect(remove("pl_test", { replaceBy: "pl_none" })).rejects.toMatchObject({ code: "not_found" });
    await expect(remove("pl_test", { replaceBy: "pl_test" })).rejects.toMatchObject({ code: "not_found" });
    await expect(remove("pl_full")).rejects.toMatchObject({ code: "read_only" });
    await expect(remove("pl_test", { replaceBy: "pl_quick" }, 9)).rejects.toMatchObject({ code: "stale_revision" });
    await remove("pl_test", { replaceBy: "pl_quick" }, 1);
    expect(await host.block()).toMatchObject({ pipelineId: "pl_quick" });
    await remove("pl_test");
    await remove("pl_none");
    expect((await eventsOf(host)).at(-1)).toEqual({ type: "pipeline-removed", pipelineId: "pl_test", replacedBy: "pl_quick" });
  });

  it("PIP-07 are checked without being saved: every issue with its step, and what this host does not have", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const validate = (steps: PipelineInput["steps"]) => host.call("pipelines.validate", me, { workspaceId, steps });
    const before = await eventsOf(host);
    expect(await validate(deliver)).toEqual({ issues: [] });
    const { issues } = await validate([
      { kind: "coder", bar: 0.5, gating: {} },
      { kind: "deployer" },
      { kind: "ci-fixer", enabled: false },
      { kind: "reviewer" },
      { kind: "merger" },
    ]);
    expect(issues.map(({ step, kind }) => [step, kind])).toEqual([
      [1, "coder"],
      [1, "coder"],
      [4, "reviewer"],
      [5, "merger"],
      [2, "deployer"],
    ]);
    expect(issues.every(({ message, fix }) => message !== "" && fix !== "")).toBe(true);
    expect(await eventsOf(host)).toEqual(before);
  });

  it("PIP-08 F:A14 with a step that has no effect here are not saved, and one that was saved earlier still starts", async () => {
    const host = await withHost({ pipeline: { steps: [{ kind: "analysis" }, { kind: "tracker" }] } });
    const { workspaceId } = host;
    for (const kind of ["deployer", "tracker", "post-release-health"])
      expect(await issuesOf(host.call("pipelines.create", me, { workspaceId, name: "Mine", steps: [{ kind }] }))).toMatchObject([{ kind }]);
    expect((await host.start()).steps).toHaveLength(2);
  });

  it("PIP-09 are made of the agent kinds of the registry, with what each delivers, its options and whether it can run here", async () => {
    const host = await withHost();
    const { items } = await host.call("pipelines.listKinds", me, { workspaceId: host.workspaceId, limit: 200 });
    const kind = (id: string) => items.find((each) => each.id === id);
    expect(kind("ci-fixer")).toBeUndefined();
    expect(kind("coder")).toMatchObject({ delivers: "change", traits: ["code-aware", "spec-aware"], asks: "start-job", usable: true });
    expect(kind("reviewer")).toMatchObject({ companionOf: ["coder"], bar: 0.8, prompt: "reviewer@v1" });
    expect(kind("tester")).toMatchObject({ options: [{ id: "tester.environment", values: ["local", "ephemeral"], default: "ephemeral" }] });
    expect(kind("deployer")).toMatchObject({ usable: false, why: expect.stringContaining("environments") });
  });

  it("PIP-10 tell what their last runs cost, and which versions live runs use", async () => {
    const usage = { model: "acme:one", tokens: null, costMicros: 700 };
    const host = await withHost({ script: { researcher: { say: "found", usage } } });
    const { workspaceId } = host;
    const run = await host.start();
    const versions = () => host.call("pipelines.versions", me, { workspaceId, pipelineId: "pl_test" });
    expect((await versions()).versions).toMatchObject([{ isCurrent: true, runs: 1, live: [run.id] }]);
    await host.pipelines.put({ workspaceId, input: { id: "pl_test", name: "Test", steps: deliver }, actor: testUser });
    expect((await versions()).versions).toMatchObject([{ isCurrent: false, digest: run.pipeline.digest, live: [run.id] }]);
    await host.drive();
    expect((await versions()).versions).toMatchObject([{ live: [] }]);
    expect((await host.store.spend.total(workspaceId, `run/${run.id}`)).settledMicros).toBeGreaterThan(0);
    const costs = await host.call("pipelines.costs", me, { workspaceId, pipelineId: "pl_test" });
    const settled = (await host.store.spend.total(workspaceId, `run/${run.id}`)).settledMicros;
    expect(costs).toMatchObject({
      runs: [{ runId: run.id, status: "done", settledMicros: settled }],
      totalMicros: settled,
      meanMicros: settled,
    });
  });
});

describe("pipelines as text", () => {
  const yaml = `id: pl_text
name: Text
steps:
  - kind: coder
    instructions: |
      Be brief.
  - kind: ci
  - kind: merger
`;

  it("PIP-02 are imported and exported as YAML and JSON, without loss", async () => {
    const host = await withHost();
    const { workspaceId } = host;
    const saved = await host.call("pipelines.import", me, { workspaceId, format: "yaml", text: yaml });
    expect(saved.steps.map(({ kind }) => kind)).toEqual(["coder", "ci", "merger"]);
    for (const format of ["yaml", "json"] as const) {
      const { text } = await host.call("pipelines.export", me, { workspaceId, pipelineId: "pl_text", format });
      const again = await host.call("pipelines.import", me, { workspaceId, format, text });
      expect(again).toMatchObject({ name: saved.name, steps: saved.steps });
    }
    expect(await host.call("pipelines.get", me, { workspaceId, pipelineId: "pl_text" })).toMatchObject({ revision: 3 });
    const { text } = await host.call("pipelines.export", me, { workspaceId, pipelineId: "pl_full" });
    await expect(host.call("pipelines.import", me, { workspaceId, format: "yaml", text })).rejects.toMatchObject({ code: "read_only" });
  });

  it.each<[string, "yaml" | "json", string, number]>([
    ["no YAML", "yaml", "id: pl_x\nname: [", 2],
    ["a member that nothing knows", "yaml", "id: pl_x\nname: X\nsteps:\n  - kind: coder\n    bra: 0.5\n", 4],
    ["a step that cannot run", "yaml", "id: pl_x\nname: X\nsteps:\n  - kind: coder\n  - kind: ci\n  - kind: wizard\n", 6],
    ["a member that is missing", "yaml", "id: pl_x\nsteps:\n  - kind: coder\n", 1],
    ["no JSON", "json", '{\n  "id": "pl_x",\n  "name" "X"\n}', 3],
    [
      "JSON whose step cannot run",
      "json",
      '{\n  "id": "pl_x",\n  "name": "X",\n  "steps": [\n    {"kind": "coder"},\n    {"kind": "reviewer", "gating": {}}\n  ]\n}',
      6,
    ],
    ["a key that stands twice", "yaml", "id: pl_x\nname: X\nname: Y\nsteps: [{kind: coder}]\n", 3],
    ["aliases that grow without end", "yaml", `id: pl_x\nname: &a [${"x, ".repeat(9)}x]\nsteps: [${"*a, ".repeat(30)}*a]\n`, 1],
  ])("PIP-02 with %s are refused at the line, and nothing is saved", async (_name, format, text, line) => {
    const host = await withHost();
    const { workspaceId } = host;
    const issues = await issuesOf(host.call("pipelines.import", me, { workspaceId, format, text }));
    expect(issues).toMatchObject([
      { line, message: expect.stringContaining(`line ${line}`) },
      ...(Array.isArray(issues) ? issues.slice(1) : []),
    ]);
    await expect(host.call("pipelines.get", me, { workspaceId, pipelineId: "pl_x" })).rejects.toMatchObject({ code: "not_found" });
  });
});
