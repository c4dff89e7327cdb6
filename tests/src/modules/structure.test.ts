/** Where blocks are, what they wait for, and their removal. */
import type { Block } from "@millrace/contracts";
import { openSqliteStore } from "@millrace/store-sql";
import { Crash, createFaultPlan, createMemoryStore, withFaults, type TestHostOptions } from "@millrace/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { createBoards, eventTypes, type Boards } from "./boards.fixture.js";

const MINUTE = 60_000;
const any = { ifMatch: "*" } as const;

const addModule = ({ host }: Boards, service: Block, title = "cart"): Promise<Block> =>
  host.board.addModule({ workspaceId: service.workspaceId, serviceId: service.id, input: { title }, actor: host.user });
const remove = ({ host, owner, home }: Boards, blockId: string, detach = false): Promise<void> =>
  host.call("board.remove", owner, { workspaceId: home.id, blockId, detach }, any);
const depend = ({ host, owner, home }: Boards, blockId: string, onId: string) =>
  host.call("board.addDependency", owner, { workspaceId: home.id, blockId, onId });
const sweep = async ({ host }: Boards, name: string, after: number): Promise<number> => {
  host.clock.advanceTo(host.clock.now() + after);
  return (await host.sweeps.find((each) => each.name === name)?.run(host.clock.now(), 200, new AbortController().signal)) ?? -1;
};

describe("a place on the board", () => {
  it("BRD-13 is the last one that was said, and counted by itself", async () => {
    const boards = await createBoards();
    const { host, owner, home, task } = boards;
    const move = (x: number) => host.call("board.move", owner, { workspaceId: home.id, blockId: task.id, position: { x, y: 0 } });
    expect(await move(1)).toEqual({ position: { x: 1, y: 0 }, size: null, revision: 2 });
    expect(await move(2)).toEqual({ position: { x: 2, y: 0 }, size: null, revision: 3 });
    expect(await host.store.blocks.get(home.id, task.id)).toMatchObject({ position: { x: 2, y: 0 }, revision: task.revision });
    expect((await eventTypes(host, home.id)).at(-1)).toBe("block-moved");
    const nowhere = host.call("board.move", owner, { workspaceId: home.id, blockId: "blk_none", position: { x: 0, y: 0 } });
    await expect(nowhere).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a block in another one", () => {
  const into = ({ host, owner, home }: Boards, blockId: string, parentId: string) =>
    host.call("board.reparent", owner, { workspaceId: home.id, blockId, parentId });

  it("BRD-14 is a task in a service or a module, or a module in a service", async () => {
    const boards = await createBoards();
    const { service, task, home } = boards;
    const cart = await addModule(boards, service);
    const other = await boards.addTask(service);
    expect(await into(boards, task.id, cart.id)).toMatchObject({ id: task.id, parentId: cart.id });
    expect(await into(boards, task.id, cart.id)).toMatchObject({ parentId: cart.id });
    for (const [block, parent] of [
      [cart.id, task.id],
      [cart.id, cart.id],
      [service.id, cart.id],
      [other.id, task.id],
    ] as const)
      await expect(into(boards, block, parent)).rejects.toMatchObject({ code: "validation" });
    await expect(into(boards, task.id, "blk_none")).rejects.toMatchObject({ code: "not_found" });
    await remove(boards, cart.id);
    await expect(into(boards, other.id, cart.id)).rejects.toMatchObject({ code: "not_found" });
    expect(await boards.host.store.blocks.get(home.id, other.id)).toMatchObject({ parentId: service.id });
  });

  it("BRD-14 B12 takes its runs into another service, and goes there while none is live", async () => {
    const boards = await createBoards();
    const { host, home, service, task } = boards;
    const second = await boards.addService(home);
    const cart = await addModule(boards, service);
    await into(boards, task.id, cart.id);
    const run = await host.execution.start({ workspaceId: home.id, blockId: task.id, pipelineId: "pl_requirements", actor: host.user });
    await expect(into(boards, cart.id, second.id)).rejects.toMatchObject({ code: "run_in_progress" });
    expect(await into(boards, task.id, service.id)).toMatchObject({ parentId: service.id });
    await host.execution.cancel({ workspaceId: home.id, blockId: task.id, actor: host.user, reason: "" });
    await into(boards, task.id, cart.id);
    await into(boards, cart.id, second.id);
    expect(await host.store.runs.get(home.id, run.id)).toMatchObject({ serviceId: second.id });
  });

  it("BRD-14 is stored on one board: it does not go into a service that another board has", async () => {
    const boards = await createBoards();
    const { host, owner, board, service } = boards;
    const own = await boards.addTask(await boards.addService(board));
    await boards.mount();
    const move = host.call("board.reparent", owner, { workspaceId: board.id, blockId: own.id, parentId: service.id });
    await expect(move).rejects.toMatchObject({ code: "validation" });
  });
});

describe("a task that waits for another one", () => {
  it("BRD-15 says so once, both ways, until it does not", async () => {
    const boards = await createBoards();
    const { host, owner, home, service, task } = boards;
    const other = await boards.addTask(service);
    const first = await depend(boards, task.id, other.id);
    host.clock.advanceTo(host.clock.now() + MINUTE);
    expect(await depend(boards, task.id, other.id)).toEqual(first);
    expect(await host.call("board.get", owner, { workspaceId: home.id, blockId: task.id })).toMatchObject({ dependsOn: [other.id] });
    expect(await host.call("board.get", owner, { workspaceId: home.id, blockId: other.id })).toMatchObject({ neededBy: [task.id] });
    const edge = { workspaceId: home.id, blockId: task.id, onId: other.id };
    await host.call("board.removeDependency", owner, edge);
    await host.call("board.removeDependency", owner, edge);
    const types = (await eventTypes(host, home.id)).filter((type) => type.startsWith("dependency"));
    expect(types).toEqual(["dependency-added", "dependency-removed"]);
    for (const id of [service.id, "blk_none"])
      await expect(depend(boards, task.id, id)).rejects.toMatchObject({ code: expect.stringMatching(/validation|not_found/) });
  });

  it("BRD-15 B5 never waits for itself, and the refusal shows the way round", async () => {
    const boards = await createBoards();
    const tasks = await Promise.all(["a", "b", "c"].map((title) => boards.addTask(boards.service, title)));
    const [a = "", b = "", c = ""] = tasks.map(({ id }) => id);
    await depend(boards, a, b);
    await depend(boards, b, c);
    await expect(depend(boards, c, a)).rejects.toMatchObject({ code: "cycle", details: { path: [c, a, b, c] } });
    await expect(depend(boards, a, a)).rejects.toMatchObject({ code: "cycle" });
  });

  it("BRD-06 waits from its creation on for what it was added with", async () => {
    const boards = await createBoards();
    const { host, owner, home, service, task } = boards;
    const add = (dependsOn: string[]) =>
      host.call("board.addTask", owner, { workspaceId: home.id, parentId: service.id, title: "later", dependsOn });
    const later = await add([task.id, task.id]);
    expect((await host.store.dependencies.of(home.id, [later.id])).map(({ onId }) => onId)).toEqual([task.id]);
    const before = await host.store.blocks.children(home.id, service.id, { limit: 9 });
    await expect(add([task.id, "blk_none"])).rejects.toMatchObject({ code: "not_found" });
    expect(await host.store.blocks.children(home.id, service.id, { limit: 9 })).toEqual(before);
  });

  it("RUN-04 does not start before that is done, unless the person says so", async () => {
    const boards = await createBoards();
    const { host, owner, home, service, task } = boards;
    const other = await boards.addTask(service, "first");
    await depend(boards, task.id, other.id);
    const start = (evenIfBlocked = false) =>
      host.call(
        "runs.start",
        owner,
        { workspaceId: home.id, blockId: task.id, pipelineId: "pl_requirements", evenIfBlocked },
        { key: `key ${evenIfBlocked}` },
      );
    await expect(start()).rejects.toMatchObject({ code: "conflict", details: { waitsFor: [other.id] } });
    const run = await start(true);
    await host.execution.cancel({ workspaceId: home.id, blockId: task.id, actor: host.user, reason: "" });
    await host.store.commit([{ change: "patch-block", workspaceId: home.id, id: other.id, patch: { status: "done" } }]);
    expect((await start()).id).not.toBe(run.id);
  });
});

describe("a removed block", () => {
  it("BRD-16 G-09 is gone with what is in it, once, whoever asks again", async () => {
    const boards = await createBoards();
    const { host, home, service, task } = boards;
    const cart = await addModule(boards, service);
    const inside = await host.board.addTask({ workspaceId: home.id, parentId: cart.id, input: { title: "inside" }, actor: host.user });
    await depend(boards, task.id, inside.id);
    await remove(boards, cart.id);
    await remove(boards, cart.id);
    await remove(boards, "blk_none");
    for (const id of [cart.id, inside.id]) expect([id, await host.store.blocks.get(home.id, id)]).toEqual([id, null]);
    expect(await host.store.dependencies.of(home.id, [task.id])).toEqual([]);
    expect(await host.store.blocks.get(home.id, task.id)).not.toBeNull();
    const log = await host.store.events.read(home.id, "0", 1000);
    expect(log.flatMap(({ entry: { event } }) => (event.type === "block-removed" ? [event] : []))).toEqual([
      { type: "block-removed", blockId: cart.id, title: "cart" },
      { type: "block-removed", blockId: cart.id, title: "cart", ids: [inside.id] },
      { type: "block-removed", blockId: cart.id, title: "cart", ids: [cart.id] },
    ]);
    expect(await host.store.removals.due(Number.MAX_SAFE_INTEGER, 9)).toEqual([]);
  });

  it("BRD-16 needs the capability for services where it is one, and the revision that was read", async () => {
    const boards = await createBoards();
    const { host, owner, home, service, task } = boards;
    const product = boards.caller("product");
    const asProduct = (blockId: string) => host.call("board.remove", product, { workspaceId: home.id, blockId }, any);
    await expect(asProduct(service.id)).rejects.toMatchObject({ code: "forbidden", details: { capability: "service.write" } });
    expect(await host.store.blocks.get(home.id, service.id)).toMatchObject({ removedAt: null });
    const stale = host.call("board.remove", owner, { workspaceId: home.id, blockId: task.id }, { ifMatch: 7 });
    await expect(stale).rejects.toMatchObject({ code: "stale_revision" });
    await asProduct(task.id);
    expect(await host.store.blocks.get(home.id, task.id)).toBeNull();
  });

  it("BRD-16 B1 stops the runs in it, and keeps what they did readable", async () => {
    const boards = await createBoards();
    const { host, owner, home, service, task } = boards;
    const run = await host.execution.start({ workspaceId: home.id, blockId: task.id, pipelineId: "pl_requirements", actor: host.user });
    await remove(boards, service.id);
    expect(await host.store.runs.get(home.id, run.id)).toMatchObject({ status: "cancelled" });
    expect((await host.store.notifications.ofRun(home.id, run.id)).filter(({ status }) => status === "open")).toEqual([]);
    expect(await host.call("board.get", owner, { workspaceId: home.id, blockId: task.id })).toMatchObject({ block: { title: "a task" } });
    expect((await host.store.events.ofRun(home.id, run.id, 0, 100)).length).toBeGreaterThan(0);
    expect((await host.call("board.list", owner, { workspaceId: home.id })).items).toEqual([]);
    const start = host.execution.start({ workspaceId: home.id, blockId: task.id, pipelineId: "pl_requirements", actor: host.user });
    await expect(start).rejects.toMatchObject({ code: "not_found" });
  });

  it("BRD-16 T4 is not a service that another board shows, unless it is to lose it", async () => {
    const boards = await createBoards();
    const { host, owner, home, board, service } = boards;
    await boards.mount();
    await expect(remove(boards, service.id)).rejects.toMatchObject({ code: "in_use", details: { boards: [board.id] } });
    expect(await host.store.blocks.get(home.id, service.id)).toMatchObject({ removedAt: null });
    await remove(boards, service.id, true);
    expect(await host.store.blocks.get(home.id, service.id)).toBeNull();
    expect(await host.store.mounts.get(board.id, service.id)).toBeNull();
    expect((await host.call("sharing.catalogue", owner, { accountId: "acc_a" })).items).toEqual([]);
    expect((await eventTypes(host, board.id)).at(-1)).toBe("mount-removed");
  });

  it("BRD-16 T1 is one of the caller's account only", async () => {
    const boards = await createBoards();
    const { host, stranger, home, service } = boards;
    const foreign = await boards.addBoard("acc_b");
    await host.call("board.remove", stranger, { workspaceId: foreign.id, blockId: service.id }, any);
    const inside = host.call("board.remove", stranger, { workspaceId: home.id, blockId: service.id }, any);
    await expect(inside).rejects.toMatchObject({ code: "not_found" });
    expect(await host.store.blocks.get(home.id, service.id)).toMatchObject({ removedAt: null });
  });

  it("BRD-16 B3 may hold any number of blocks", async () => {
    const boards = await createBoards();
    const { host, home, service } = boards;
    for (let index = 0; index < 250; index += 1) await boards.addTask(service);
    await remove(boards, service.id);
    expect(await host.store.blocks.list(home.id, {}, { limit: 200 })).toEqual({ rows: [], next: null });
    expect(await host.store.blocks.get(home.id, service.id)).toBeNull();
  });
});

const openSqlite: NonNullable<TestHostOptions["database"]> = async (clock) => {
  const opened = await openSqliteStore({ path: ":memory:", clock });
  onTestFinished(() => opened.close());
  return opened;
};

describe.each([
  ["memory", async (clock) => createMemoryStore({ clock })],
  ["SQLite", openSqlite],
] satisfies readonly (readonly [string, NonNullable<TestHostOptions["database"]>])[])(
  "a process that dies while it removes a service (%s)",
  (_, database) => {
    it("BRD-16 leaves the rest to the sweep: whichever commit was the last, nothing is left", async () => {
      const ends = new Set<string>();
      let crashes = 0;
      for (const when of ["crashBeforeCommit", "crashAfterCommit"] as const)
        for (let commit = 1; ; commit += 1) {
          const plan = createFaultPlan();
          let left = Number.MAX_SAFE_INTEGER;
          const boards = await createBoards({
            database,
            wrap: (ports) => {
              const { store, ...faulty } = withFaults(ports, plan);
              return {
                ...faulty,
                store: {
                  ...store,
                  commit(...args) {
                    left -= 1;
                    if (left === 0) plan[when].armed = true;
                    return store.commit(...args);
                  },
                },
              };
            },
          });
          const { host, home, board, service, task } = boards;
          const cart = await addModule(boards, service);
          const ids = [service.id, cart.id, task.id];
          for (const parentId of [cart.id, service.id])
            ids.push((await host.board.addTask({ workspaceId: home.id, parentId, input: { title: "one" }, actor: host.user })).id);
          await depend(boards, ids[3] ?? "", ids[4] ?? "");
          await boards.mount();
          await host.execution.start({ workspaceId: home.id, blockId: task.id, pipelineId: "pl_requirements", actor: host.user });
          left = commit;
          const end = await remove(boards, service.id, true).then(
            () => "done",
            (error: unknown) => (error instanceof Crash ? "crashed" : error),
          );
          left = Number.MAX_SAFE_INTEGER;
          expect(["done", "crashed"]).toContain(end);
          if (end === "crashed") crashes += 1;
          await sweep(boards, "board.remove", 2 * MINUTE);
          await sweep(boards, "sharing.settle", 11 * MINUTE);
          const root = await host.store.blocks.get(home.id, service.id);
          // Before it had left the board nothing was promised: the caller, who got no answer, asks again.
          if (root?.removedAt === null) await remove(boards, service.id, true);
          const blocks = await Promise.all(ids.map((id) => host.store.blocks.get(home.id, id)));
          ends.add(
            JSON.stringify([
              blocks.map((block) => (block === null ? null : block.removedAt !== null)),
              await host.store.dependencies.of(home.id, ids),
              await host.store.mounts.get(board.id, service.id),
              (await host.store.services.get("acc_a", service.id)) === null,
              await host.store.services.sharesOf("acc_a", service.id, 9),
              await host.store.removals.due(Number.MAX_SAFE_INTEGER, 9),
              await host.store.runs.list(home.id, { live: true }, { limit: 9 }),
            ]),
          );
          if (end === "done") break;
        }
      // The task has a run, so its row and that of its service stay for it, off the board.
      expect([...ends]).toEqual([JSON.stringify([[true, null, true, null, null], [], null, true, [], [], []])]);
      expect(crashes).toBeGreaterThan(16);
    });
  },
);
