/** The board's operations, called as a client calls them. */
import { LOG_START, type Change } from "@millrace/kernel";
import { emptyBlock, localOwner, type CallOptions } from "@millrace/orchestration";
import { testUser } from "@millrace/orchestration/spec";
import { createTestHost, type TestHost, type TestHostOptions } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const RESEARCH = { steps: [{ kind: "researcher" }] };
const caller = localOwner(testUser);
const ANY: CallOptions = { ifMatch: "*" };

interface Board {
  readonly host: TestHost;
  readonly workspaceId: string;
  readonly serviceId: string;
  readonly taskId: string;
}

async function openBoard(options: TestHostOptions = { pipeline: RESEARCH }): Promise<Board> {
  const host = await createTestHost(options);
  const { parentId, id: taskId } = host.task;
  return { host, workspaceId: host.workspace.id, serviceId: parentId ?? "", taskId };
}

/** The events of a board since it was opened, the newest last. */
async function eventsOf({ host, workspaceId }: Board): Promise<readonly unknown[]> {
  return (await host.store.events.read(workspaceId, LOG_START, 1000)).map(({ entry }) => entry.event);
}

describe("a new task", () => {
  it("BRD-06 keeps everything that was said about it, and who added it", async () => {
    const { host, workspaceId, serviceId } = await openBoard();
    const said = {
      title: "Fix the rounding",
      taskType: "bug",
      fields: { severity: "high", stepsToReproduce: "Sell three for a dollar." },
      agentConfig: { effort: "high" },
      responsibleId: testUser.id,
      position: { x: 10, y: 20 },
    } as const;
    const task = await host.call("board.addTask", caller, { workspaceId, parentId: serviceId, ...said });
    expect(task).toMatchObject({ ...said, createdBy: testUser.id, revision: 1, level: "task", parentId: serviceId });
    expect(await host.store.blocks.get(workspaceId, task.id)).toEqual(task);
  });

  it("BRD-06 names only what is there: a pipeline, a preset, people of the account", async () => {
    const { host, workspaceId, serviceId } = await openBoard();
    const add = (said: object) => host.call("board.addTask", caller, { workspaceId, parentId: serviceId, title: "a task", ...said });
    await expect(add({ pipelineId: "pl_none" })).rejects.toMatchObject({ code: "not_found" });
    await expect(add({ presetId: "mpr_none" })).rejects.toMatchObject({ code: "not_found" });
    await expect(add({ responsibleId: "usr_stranger" })).rejects.toMatchObject({
      code: "validation",
      details: { responsibleId: "usr_stranger" },
    });
    await expect(add({ dependsOn: ["blk_none"] })).rejects.toMatchObject({ code: "not_found" });
    expect((await host.call("board.list", caller, { workspaceId, level: "task" })).items).toHaveLength(1);
  });

  it("BRD-06 has the fields of its type and no others", async () => {
    const { host, workspaceId, serviceId } = await openBoard();
    const add = (said: object) => host.call("board.addTask", caller, { workspaceId, parentId: serviceId, title: "a task", ...said });
    await expect(add({ fields: { stepsToReproduce: "Look." } })).rejects.toMatchObject({ code: "validation" });
    await expect(add({ taskType: "spike", fields: { timeboxHours: 1001 } })).rejects.toMatchObject({ code: "invalid_request" });
    expect((await add({ taskType: "spike", fields: { timeboxHours: 8 } })).fields).toEqual({ timeboxHours: 8 });
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key ${index}`, "x"]));
    await expect(add({ agentConfig: many })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("BRD-06 is refused on a board with 5,000 open ones, and taken once one of them is done", async () => {
    const { host, workspaceId, serviceId } = await openBoard();
    const fill = Array.from({ length: 4998 }, (_, index): Change => {
      const known = { id: `blk_fill_${index}`, workspaceId, level: "task", parentId: serviceId, title: "filler", createdAt: 1 } as const;
      return { change: "insert-block", block: emptyBlock(known) };
    });
    await host.store.commit(fill);
    const add = () => host.call("board.addTask", caller, { workspaceId, parentId: serviceId, title: "one more" });
    await add();
    await expect(add()).rejects.toMatchObject({ code: "limit_reached", details: { max: 5000 } });
    await host.store.commit([{ change: "patch-block", workspaceId, id: "blk_fill_0", patch: { status: "done" } }]);
    await add();
  });
});

describe("a changed task", () => {
  it("BRD-07 names the revision it was decided on, and an old one is told the newer one", async () => {
    const board = await openBoard();
    const { host, workspaceId, taskId: blockId } = board;
    const rename = (title: string, options: CallOptions) => host.call("board.update", caller, { workspaceId, blockId, title }, options);
    await expect(rename("no revision", {})).rejects.toMatchObject({ code: "precondition_required" });
    expect(await rename("first", { ifMatch: 1 })).toMatchObject({ title: "first", revision: 2 });
    await expect(rename("late", { ifMatch: 1 })).rejects.toMatchObject({ code: "stale_revision", details: { revision: 2 } });
    expect(await rename("whatever", ANY)).toMatchObject({ title: "whatever", revision: 3 });
    expect((await eventsOf(board)).at(-1)).toEqual({ type: "block-changed", blockId, fields: ["title"], revision: 3 });
  });

  it("BRD-07 of two people who change it at once both are heard, or one is told", async () => {
    const { host, workspaceId, taskId: blockId } = await openBoard();
    const change = (input: object, options: CallOptions) => host.call("board.update", caller, { workspaceId, blockId, ...input }, options);
    await Promise.all([change({ title: "one" }, ANY), change({ description: "other" }, ANY)]);
    expect(await host.block()).toMatchObject({ title: "one", description: "other", revision: 3 });
    const both = await Promise.allSettled([change({ title: "A" }, { ifMatch: 3 }), change({ title: "B" }, { ifMatch: 3 })]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  it("BRD-07 keeps its level, status, progress, run and creator, whatever is asked", async () => {
    const { host, workspaceId, taskId: blockId } = await openBoard();
    for (const foreign of [{ level: "module" }, { status: "done" }, { progress: 1 }, { runId: "run_1" }, { createdBy: "eve" }])
      await expect(host.call("board.update", caller, { workspaceId, blockId, ...foreign }, ANY)).rejects.toMatchObject({
        code: "invalid_request",
      });
    await expect(host.call("board.update", caller, { workspaceId, blockId, size: { w: 9, h: 9 } }, ANY)).rejects.toMatchObject({
      code: "validation",
      details: { member: "size" },
    });
  });

  it("BRD-07 drops the fields of the type it had", async () => {
    const {
      host,
      workspaceId,
      taskId: blockId,
    } = await openBoard({
      pipeline: RESEARCH,
      task: { taskType: "bug", fields: { stepsToReproduce: "Look." } },
    });
    const task = await host.call("board.update", caller, { workspaceId, blockId, taskType: "spike" }, ANY);
    expect(task).toMatchObject({ taskType: "spike", fields: {} });
    await expect(
      host.call("board.update", caller, { workspaceId, blockId, fields: { stepsToReproduce: "Again." } }, ANY),
    ).rejects.toMatchObject({ code: "validation" });
  });

  it("BRD-07 is, while a run is live, changed only in what its agents have not read", async () => {
    const { host, workspaceId, taskId: blockId } = await openBoard({ pipeline: RESEARCH, script: { researcher: { say: "found" } } });
    await host.start();
    const change = (input: object) => host.call("board.update", caller, { workspaceId, blockId, ...input }, ANY);
    await expect(change({ title: "other" })).rejects.toMatchObject({ code: "run_in_progress" });
    await change({ agentConfig: { effort: "low" }, trackerComment: "on", trackerResolve: "off", responsibleId: testUser.id });
    expect(await host.block()).toMatchObject({ agentConfig: { effort: "low" }, trackerComment: "on", responsibleId: testUser.id });
  });

  it("BRD-07 is changed by nobody once it was removed", async () => {
    const { host, workspaceId, taskId: blockId } = await openBoard();
    await host.call("board.remove", caller, { workspaceId, blockId }, ANY);
    await expect(host.call("board.update", caller, { workspaceId, blockId, title: "again" }, ANY)).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("services and modules", () => {
  it("BRD-03 a service has the title of its type where it has none, and is added once for its key", async () => {
    const { host, workspaceId } = await openBoard();
    const add = (key: string) => host.call("board.addService", caller, { workspaceId, type: "api", position: { x: 1, y: 2 } }, { key });
    const service = await add("one");
    expect(service).toMatchObject({ title: "API", type: "api", level: "service", position: { x: 1, y: 2 } });
    expect(await add("one")).toEqual(service);
    expect((await host.call("board.list", caller, { workspaceId, level: "service" })).items).toHaveLength(2);
  });

  it("BRD-03 a board has 200 services at most", async () => {
    const { host, workspaceId } = await openBoard();
    for (let index = 1; index < 200; index += 1) await host.call("board.addService", caller, { workspaceId }, { key: `key ${index}` });
    await expect(host.call("board.addService", caller, { workspaceId }, { key: "last" })).rejects.toMatchObject({ code: "limit_reached" });
  });

  it("BRD-05 modules added at once stand at different places, and only in services", async () => {
    const { host, workspaceId, serviceId, taskId } = await openBoard();
    const add = (title: string) => host.call("board.addModule", caller, { workspaceId, serviceId, title });
    const modules = await Promise.all(["cart", "till", "stock"].map(add));
    expect(modules.map(({ position }) => JSON.stringify(position)).toSorted()).toEqual(
      [
        { x: 24, y: 300 },
        { x: 24, y: 80 },
        { x: 304, y: 80 },
      ].map((place) => JSON.stringify(place)),
    );
    await expect(host.call("board.addModule", caller, { workspaceId, serviceId: taskId, title: "in a task" })).rejects.toMatchObject({
      code: "validation",
    });
  });

  it("BRD-08 a service is changed on its revision, in what services have", async () => {
    const { host, workspaceId, serviceId: blockId } = await openBoard();
    const change = { type: "api", size: { w: 400, h: 300 }, cloudProvider: "aws", instanceSize: "large", description: "Sells." } as const;
    const service = await host.call("board.update", caller, { workspaceId, blockId, ...change }, { ifMatch: 1 });
    expect(service).toMatchObject({ ...change, revision: 2 });
    await expect(host.call("board.update", caller, { workspaceId, blockId, presetId: null }, ANY)).rejects.toMatchObject({
      code: "validation",
    });
    await expect(host.call("board.update", caller, { workspaceId, blockId, fragmentIds: ["frg_none"] }, ANY)).rejects.toMatchObject({
      code: "not_found",
    });
    const developer = { ...caller, grants: { accounts: {}, withoutAccount: ["product" as const] } };
    await expect(host.call("board.update", developer, { workspaceId, blockId, title: "mine" }, ANY)).rejects.toMatchObject({
      code: "forbidden",
      details: { capability: "service.write" },
    });
  });

  it("BRD-09 a module keeps its key when it is renamed, and its title has 120 characters at most", async () => {
    const { host, workspaceId, serviceId } = await openBoard();
    const { id: blockId } = await host.call("board.addModule", caller, { workspaceId, serviceId, title: "cart" });
    await host.store.commit([
      { change: "patch-block", workspaceId, id: blockId, patch: { blueprintKey: "cart", generatedText: "Holds." } },
    ]);
    const renamed = await host.call("board.update", caller, { workspaceId, blockId, title: "basket", description: "Ours." }, ANY);
    expect(renamed).toMatchObject({ title: "basket", description: "Ours.", blueprintKey: "cart", generatedText: "Holds." });
    await expect(host.call("board.update", caller, { workspaceId, blockId, title: "x".repeat(121) }, ANY)).rejects.toMatchObject({
      code: "validation",
    });
  });

  it("BRD-10 checks are set on a revision, told with what they were", async () => {
    const board = await openBoard();
    const { host, workspaceId, serviceId } = board;
    const checks = { ci: "none" as const, requiredChecks: [] };
    await expect(host.call("board.putChecks", caller, { workspaceId, serviceId, checks }, { ifMatch: 7 })).rejects.toMatchObject({
      code: "stale_revision",
      details: { revision: 1 },
    });
    const service = await host.call("board.putChecks", caller, { workspaceId, serviceId, checks }, { ifMatch: 1 });
    expect(service).toMatchObject({ checks, revision: 2 });
    const before = { ci: "required", requiredChecks: [] };
    expect((await eventsOf(board)).at(-1)).toEqual({ type: "service-changed", blockId: serviceId, checks: { before, after: checks } });
  });

  it("BRD-11 how a service is brought up is set on a revision, by a path inside of the repository", async () => {
    const board = await openBoard();
    const { host, workspaceId, serviceId } = board;
    const put = (composePath: string, options: CallOptions) =>
      host.call("board.putTesting", caller, { workspaceId, serviceId, testing: { composePath } }, options);
    await expect(put("../compose.yml", ANY)).rejects.toMatchObject({ code: "invalid_request" });
    expect(await put("compose.yml", { ifMatch: 1 })).toMatchObject({ testing: { composePath: "compose.yml" }, revision: 2 });
    await expect(put("other.yml", { ifMatch: 1 })).rejects.toMatchObject({ code: "stale_revision" });
    const after = { composePath: "compose.yml", noInfrastructure: false };
    expect((await eventsOf(board)).at(-1)).toEqual({ type: "service-changed", blockId: serviceId, testing: { before: null, after } });
  });

  it("BRD-12 a repository is not changed while a run in its service is live", async () => {
    const { host, workspaceId, serviceId } = await openBoard({ pipeline: RESEARCH, script: { researcher: { say: "found" } } });
    const repository = { ...host.repository, base: "next" };
    const put = () => host.call("board.putRepository", caller, { workspaceId, serviceId, repository }, ANY);
    await host.start();
    await expect(put()).rejects.toMatchObject({ code: "run_in_progress" });
    await host.drive();
    expect(await put()).toMatchObject({ repository, revision: 2 });
    expect((await host.store.blocks.get(workspaceId, serviceId))?.repository).toEqual(repository);
  });
});

describe("reading a board", () => {
  it("BRD-01 blocks come in the order they were added, page by page, filtered", async () => {
    const { host, workspaceId, serviceId, taskId } = await openBoard();
    const add = (title: string) => host.call("board.addTask", caller, { workspaceId, parentId: serviceId, title });
    const ids = [taskId];
    for (const title of ["Apples", "Pears", "apple pie"]) ids.push((await add(title)).id);
    const first = await host.call("board.list", caller, { workspaceId, parentId: serviceId, limit: 3 });
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    const second = await host.call("board.list", caller, { workspaceId, parentId: serviceId, limit: 3, after: first.nextAfter ?? "" });
    expect([second.items.map(({ id }) => id), second.nextAfter]).toEqual([ids.slice(3), null]);
    const apples = await host.call("board.list", caller, { workspaceId, text: "APPLE", status: ["planned"] });
    expect(apples.items.map(({ title }) => title)).toEqual(["Apples", "apple pie"]);
    await expect(host.call("board.list", caller, { workspaceId, after: "nonsense" })).rejects.toMatchObject({ code: "validation" });
  });

  it("BRD-02 a block is read with its last run in a few words", async () => {
    const { host, workspaceId, taskId: blockId } = await openBoard({ pipeline: RESEARCH, script: { researcher: { say: "found" } } });
    expect(await host.call("board.get", caller, { workspaceId, blockId })).toMatchObject({ dependsOn: [], neededBy: [], run: null });
    await host.start();
    await host.drive();
    expect((await host.call("board.get", caller, { workspaceId, blockId })).run).toMatchObject({
      status: "done",
      step: { number: 1, of: 1, kind: "researcher" },
      marks: ["done"],
    });
    await expect(host.call("board.get", caller, { workspaceId, blockId: "blk_none" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("BRD-17 a page of the board has each task with its run, and counts by column and lane", async () => {
    const { host, workspaceId, serviceId, taskId } = await openBoard({
      pipeline: { steps: [{ kind: "architect", approval: { approvers: 1 } }, { kind: "researcher" }] },
      script: { architect: { say: "a plan" } },
      task: { responsibleId: testUser.id },
    });
    const { id: moduleId } = await host.call("board.addModule", caller, { workspaceId, serviceId, title: "cart" });
    await host.call("board.addTask", caller, { workspaceId, parentId: moduleId, title: "in a module" });
    await host.start();
    await host.drive();
    const page = await host.call("board.page", caller, { workspaceId });
    expect(page.items.map(({ block }) => block.title)).toEqual([host.task.title, "in a module"]);
    expect(page.items.map(({ run }) => run)).toEqual([
      {
        id: expect.any(String),
        status: "waiting",
        step: { number: 1, of: 2, kind: "architect" },
        marks: ["waiting", "pending"],
        reason: expect.objectContaining({ code: "approve-output", since: expect.any(Number) }),
        cost: { settledMicros: 0, reservedMicros: 0 },
        waitsFor: [testUser.id],
      },
      null,
    ]);
    expect([page.counts, page.done, page.nextAfter]).toEqual([
      [
        { lane: serviceId, status: "blocked", count: 1 },
        { lane: serviceId, status: "planned", count: 1 },
      ],
      0,
      null,
    ]);
    const waiting = await host.call("board.page", caller, { workspaceId, needsPerson: true, lanes: "module", sort: "title" });
    expect(waiting.items.map(({ block }) => block.id)).toEqual([taskId]);
    expect(waiting.counts).toContainEqual({ lane: moduleId, status: "planned", count: 1 });
    await expect(host.call("board.page", caller, { workspaceId, status: ["done"], sort: "cost" })).rejects.toMatchObject({
      code: "validation",
    });
  });

  it("BRD-17 a run that this build cannot read does not hide its board", async () => {
    const { host, workspaceId, taskId } = await openBoard({ pipeline: RESEARCH, script: { researcher: { say: "found" } } });
    const { id: runId } = await host.start();
    await host.drive();
    const record = await host.store.runs.get(workspaceId, runId);
    if (record === null) throw new Error("there is no run");
    await host.store.commit([
      { change: "update-run", record: { ...record, revision: record.revision + 1, document: "?" }, expected: record.revision },
    ]);
    const page = await host.call("board.page", caller, { workspaceId, status: ["planned", "in_progress", "blocked", "pr_ready", "done"] });
    expect(page.items).toMatchObject([{ block: { id: taskId }, run: { id: runId, status: "done", step: null, reason: null } }]);
  });
});
