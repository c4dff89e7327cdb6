import { LOG_START } from "@millrace/kernel";
import { localOwner } from "@millrace/orchestration";
import { Crash, createFaultPlan, withFaults } from "@millrace/testing";
import { describe, expect, it } from "vitest";
import { createBoards, eventTypes, type Boards } from "./boards.fixture.js";

const MINUTE = 60_000;

/** Runs the sweep of that name once, after that time. */
async function sweep({ host }: Boards, name: string, after: number): Promise<number> {
  host.clock.advanceTo(host.clock.now() + after);
  const signal = new AbortController().signal;
  return (await host.sweeps.find((each) => each.name === name)?.run(host.clock.now(), 200, signal)) ?? -1;
}

const catalogue = async ({ host, owner }: Boards) =>
  (await host.call("sharing.catalogue", owner, { accountId: "acc_a" })).items.map(({ id, boards }) => [id, boards]);
const shown = async ({ host, owner, board }: Boards) =>
  (await host.call("sharing.mounts", owner, { workspaceId: board.id })).items.map(({ serviceId }) => serviceId);

describe("the services of an account", () => {
  it("SVC-01 are listed with their titles and the number of boards that show them, a page at a time", async () => {
    const boards = await createBoards();
    const { host, owner, home, service } = boards;
    const second = await boards.addService(home, "Second");
    await boards.mount();
    expect(await host.call("sharing.catalogue", owner, { accountId: "acc_a" })).toMatchObject({
      items: [
        { id: service.id, title: "Shop", homeId: home.id, boards: 1 },
        { id: second.id, title: "Second", boards: 0 },
      ],
      nextAfter: null,
    });
    const page = await host.call("sharing.catalogue", owner, { accountId: "acc_a", limit: 1 });
    expect(page.nextAfter).toBe(service.id);
    const next = await host.call("sharing.catalogue", owner, { accountId: "acc_a", limit: 1, after: service.id });
    expect(next.items.map(({ id }) => id)).toEqual([second.id]);
    const events = await host.store.platformEvents.ofAccount("acc_a", LOG_START, 9);
    expect(events.map(({ entry }) => entry.event.type)).toEqual(["service-shared", "service-shared"]);
  });

  it("SVC-02 SVC-03 are shown on another board, once, in a place that is free", async () => {
    const boards = await createBoards();
    const { host, owner, board, service, home } = boards;
    const second = await boards.addService(home);
    const mount = (serviceId: string) => host.call("sharing.mount", owner, { workspaceId: board.id, serviceId });
    const both = await Promise.all([mount(service.id), mount(service.id)]);
    expect(both[0]).toEqual(both[1]);
    const other = await mount(second.id);
    expect(other.position).not.toEqual(both[0].position);
    await host.call("sharing.unmount", owner, { workspaceId: board.id, serviceId: service.id });
    expect((await mount(service.id)).position).toEqual(both[0].position);
    const { items } = await host.call("sharing.mounts", owner, { workspaceId: board.id });
    expect(new Map(items.map(({ serviceId, title }) => [serviceId, title]))).toEqual(
      new Map([
        [second.id, "Shop"],
        [service.id, "Shop"],
      ]),
    );
    expect((await eventTypes(host, board.id)).filter((type) => type.startsWith("mount"))).toEqual([
      "mount-added",
      "mount-added",
      "mount-removed",
      "mount-added",
    ]);
  });

  it("SVC-03 T2 are not shown on a board of another account, nor on one without an account", async () => {
    const boards = await createBoards();
    const { host, stranger, service } = boards;
    const foreign = await boards.addBoard("acc_b");
    const mount = { workspaceId: foreign.id, serviceId: service.id };
    await expect(host.call("sharing.mount", stranger, mount)).rejects.toMatchObject({ code: "not_found" });
    const local = host.call("sharing.mount", localOwner(host.user), { workspaceId: host.workspace.id, serviceId: service.id });
    await expect(local).rejects.toMatchObject({ code: "not_found" });
    expect(await catalogue(boards)).toEqual([[service.id, 0]]);
  });

  it("SVC-04 M1 are taken off another board, and not off their home", async () => {
    const boards = await createBoards();
    const { host, owner, home, board, service } = boards;
    await boards.mount();
    const off = (workspaceId: string) => host.call("sharing.unmount", owner, { workspaceId, serviceId: service.id });
    await expect(off(home.id)).rejects.toMatchObject({ code: "conflict" });
    await off(board.id);
    await off(board.id);
    expect([await shown(boards), await catalogue(boards)]).toEqual([[], [[service.id, 0]]]);
    await expect(host.call("sharing.mount", owner, { workspaceId: home.id, serviceId: service.id })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("SVC-05 B8 are drawn by each board where it says, at the revision that was read", async () => {
    const boards = await createBoards();
    const { host, owner, home, board, service } = boards;
    await boards.mount();
    const put = (workspaceId: string, ifMatch: number | "*", x: number) =>
      host.call("sharing.putLayout", owner, { workspaceId, serviceId: service.id, position: { x, y: 1 } }, { ifMatch });
    expect(await put(board.id, 1, 7)).toEqual({ position: { x: 7, y: 1 }, size: null, revision: 2 });
    expect(await put(home.id, 1, 9)).toEqual({ position: { x: 9, y: 1 }, size: null, revision: 2 });
    await expect(put(board.id, 1, 8)).rejects.toMatchObject({ code: "stale_revision" });
    await expect(put(home.id, 1, 8)).rejects.toMatchObject({ code: "stale_revision" });
    const size = { w: 100, h: 50 };
    expect(await host.call("sharing.putLayout", owner, { workspaceId: board.id, serviceId: service.id, size }, { ifMatch: "*" })).toEqual({
      position: { x: 7, y: 1 },
      size,
      revision: 3,
    });
    expect(await host.store.blocks.get(home.id, service.id)).toMatchObject({ position: { x: 9, y: 1 }, size: null });
  });
});

describe("what a caller names", () => {
  it("SVC-06 is found on the board itself, else in the services that it shows, and nowhere else", async () => {
    const boards = await createBoards();
    const { host, home, board, task, service } = boards;
    const { sharing } = host;
    expect(await sharing.resolveBlock(home, task.id)).toEqual({ homeId: home.id, block: task, via: "own" });
    await expect(sharing.resolveBlock(board, task.id)).rejects.toMatchObject({ code: "not_found" });
    await boards.mount();
    expect(await sharing.resolveBlock(board, task.id)).toEqual({ homeId: home.id, block: task, via: "mount" });
    expect(await sharing.resolveBlock(board, service.id)).toMatchObject({ via: "mount" });
    const elsewhere = await boards.addTask(await boards.addService(home));
    await expect(sharing.resolveBlock(board, elsewhere.id)).rejects.toMatchObject({ code: "not_found" });
    // Whatever rows there are: a board of another account finds nothing through a mount that was forged.
    const foreign = await boards.addBoard("acc_b");
    const position = { x: 0, y: 0 };
    await host.store.commit([
      {
        change: "insert-mount",
        mount: { workspaceId: foreign.id, serviceId: service.id, homeId: home.id, position, size: null, revision: 1, createdAt: 1 },
      },
    ]);
    await expect(sharing.resolveBlock(foreign, task.id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("SVC-07 M2 is changed at home through a mount: tasks, moves and dependencies of a mounted service, until the mount is gone", async () => {
    const boards = await createBoards();
    const { host, owner, home, board, task, service } = boards;
    await boards.mount();
    const other = await boards.addTask(service, "other");
    await host.call("board.addDependency", owner, { workspaceId: board.id, blockId: task.id, onId: other.id });
    await host.call("board.move", owner, { workspaceId: board.id, blockId: task.id, position: { x: 5, y: 6 } });
    await host.call("board.move", owner, { workspaceId: board.id, blockId: service.id, position: { x: 50, y: 60 } });
    expect(await host.store.blocks.get(home.id, task.id)).toMatchObject({ position: { x: 5, y: 6 } });
    expect((await host.store.blocks.get(home.id, service.id))?.position).toBeNull();
    expect((await host.store.mounts.get(board.id, service.id))?.position).toEqual({ x: 50, y: 60 });
    expect((await eventTypes(host, home.id)).slice(-2)).toEqual(["dependency-added", "block-moved"]);
    await host.call("board.remove", owner, { workspaceId: board.id, blockId: other.id }, { ifMatch: "*" });
    expect(await host.store.blocks.get(home.id, other.id)).toBeNull();
    await host.call("sharing.unmount", owner, { workspaceId: board.id, serviceId: service.id });
    const move = host.call("board.move", owner, { workspaceId: board.id, blockId: task.id, position: { x: 0, y: 0 } });
    await expect(move).rejects.toMatchObject({ code: "not_found" });
  });

  it("SVC-06 a run is found like its block", async () => {
    const boards = await createBoards();
    const { host, home, board, task } = boards;
    const run = await host.execution.start({ workspaceId: home.id, blockId: task.id, pipelineId: "pl_requirements", actor: host.user });
    expect(await host.sharing.resolveRun(home, run.id)).toEqual({ homeId: home.id, via: "own" });
    await expect(host.sharing.resolveRun(board, run.id)).rejects.toMatchObject({ code: "not_found" });
    await boards.mount();
    expect(await host.sharing.resolveRun(board, run.id)).toEqual({ homeId: home.id, via: "mount" });
  });
});

describe("a process that dies between the directory and the board", () => {
  /** Does it with a crash around each of its commits in turn, and sweeps behind each. */
  async function crashEverywhere(
    act: (boards: Boards) => Promise<unknown>,
    prepare: (boards: Boards) => Promise<unknown> = async () => undefined,
  ) {
    const left: unknown[] = [];
    for (const when of ["crashBeforeCommit", "crashAfterCommit"] as const)
      for (let commit = 1; commit < 9; commit += 1) {
        const plan = createFaultPlan();
        const counter = { left: Number.MAX_SAFE_INTEGER };
        const boards = await createBoards({
          wrap: (ports) => {
            const faulty = withFaults(ports, plan);
            return {
              ...faulty,
              store: {
                ...faulty.store,
                commit: (...args) => {
                  counter.left -= 1;
                  if (counter.left === 0) plan[when].armed = true;
                  return faulty.store.commit(...args);
                },
              },
            };
          },
        });
        await prepare(boards);
        counter.left = commit;
        const end = await act(boards).then(
          () => "done",
          (error: unknown) => error,
        );
        counter.left = Number.MAX_SAFE_INTEGER;
        if (end === "done") break;
        expect(end).toBeInstanceOf(Crash);
        await sweep(boards, "board.remove", 11 * MINUTE);
        await sweep(boards, "sharing.settle", MINUTE);
        expect(await sweep(boards, "sharing.settle", 60 * MINUTE)).toBe(0);
        const mounted = await shown(boards);
        const directory = await catalogue(boards);
        left.push([mounted.length, ...directory.map(([, count]) => count)]);
      }
    return left;
  }

  it("SVC-03 leaves a mount that both know of, or none", async () => {
    const left = await crashEverywhere((boards) => boards.mount());
    expect(left).toEqual([
      [0, 0],
      [0, 0],
      [1, 1],
      [0, 0],
      [1, 1],
      [1, 1],
    ]);
  });

  it("SVC-04 leaves no note of a mount that is gone", async () => {
    const left = await crashEverywhere(
      ({ host, owner, board, service }) => host.call("sharing.unmount", owner, { workspaceId: board.id, serviceId: service.id }),
      (boards) => boards.mount(),
    );
    expect(left).toEqual([
      [1, 1],
      [1, 1],
      [0, 0],
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
  });

  it("BRD-03 leaves no directory entry of a service that was never added", async () => {
    const left = await crashEverywhere((boards) => boards.addService(boards.home));
    expect(left).toEqual([
      [0, 0],
      [0, 0],
      [0, 0, 0],
      [0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});
