/** WSP-08: what a deletion leaves, wherever the process that works on it is killed. */
import { LOG_START } from "@millrace/kernel";
import { openSqliteStore } from "@millrace/store-sql";
import { Crash, createFaultPlan, withFaults, type TestHost, type TestHostOptions } from "@millrace/testing";
import { describe, expect, it } from "vitest";
import { boardHost, sweep } from "./workspaces.fixture.js";

const backends: readonly (readonly [string, TestHostOptions["database"]])[] = [
  ["memory", undefined],
  ["SQLite", (clock) => openSqliteStore({ path: ":memory:", clock })],
];

/** Asks for the deletion of a board with a waiting, a working and a finished run, and sees it to its end with a crash at the nth commit. */
async function deleteWith(database: TestHostOptions["database"], when: "before" | "after" | "never", nth: number) {
  const plan = createFaultPlan();
  const seen = { commits: 0, isCounting: false };
  const host = await boardHost({
    ...(database === undefined ? {} : { database }),
    wrap: (ports) => {
      const { store } = withFaults(ports, plan);
      const commit: typeof store.commit = (changes, options) => {
        if (!seen.isCounting) return store.commit(changes, options);
        if (when !== "never" && seen.commits === nth) plan[when === "before" ? "crashBeforeCommit" : "crashAfterCommit"].armed = true;
        seen.commits += 1;
        return store.commit(changes, options);
      };
      return { ...ports, store: new Proxy(store, { get: (of, name): unknown => (name === "commit" ? commit : Reflect.get(of, name)) }) };
    },
  });
  const other = await host.workspaces.create({ name: "stays", sample: true, actor: host.user });
  await runs(host);
  seen.isCounting = true;
  const { id: workspaceId, name } = host.workspace;
  const request = { workspaceId, confirm: name, actor: host.user };
  await host.workspaces.delete(request).catch(onlyCrashes);
  await host.workspaces.delete(request).catch(onlyCrashes);
  for (let pass = 0; pass < 5 && (await host.store.workspaces.get(workspaceId)) !== null; pass += 1)
    await sweep(host, "workspaces.delete").catch(onlyCrashes);
  return { host, other, commits: seen.commits };
}

function onlyCrashes(error: unknown): void {
  if (!(error instanceof Crash)) throw error;
}

/** A run that waits for a person, one that was only started, and a finished one. */
async function runs(host: TestHost): Promise<void> {
  const { workspaceId, parentId } = host.task;
  const startAnother = async (title: string) => {
    const { id } = await host.board.addTask({ workspaceId, parentId: parentId ?? "", input: { title }, actor: host.user });
    return host.execution.start({ workspaceId, blockId: id, pipelineId: host.pipeline.id, actor: host.user });
  };
  const finished = await startAnother("finished");
  await host.start();
  await host.drive();
  await host.reply(finished.id, { answer: "approve" });
  await host.drive();
  await startAnother("started");
}

describe.each(backends)("a deletion on %s", (_name, database) => {
  it("WSP-08 stops the runs, leaves no row and one record, and no other workspace less", async () => {
    const { host, other, commits } = await deleteWith(database, "never", 0);
    const { store, workspace } = host;
    expect(commits).toBeGreaterThan(5);
    expect(await store.workspaces.get(workspace.id)).toBeNull();
    expect(await store.workspaces.isEmpty(workspace.id)).toBe(true);
    expect(await store.events.read(workspace.id, LOG_START, 1000)).toEqual([]);
    expect(await host.wakeups.claim({ owner: "a", now: host.clock.now() + 1e9, leaseMs: 1, limit: 9 })).toEqual([]);
    expect(await store.workspaces.get(other.id)).toEqual(other);
    expect(await store.blocks.children(other.id, null, { limit: 9 })).toHaveLength(1);
    const log = await store.platformEvents.ofHost(LOG_START, 9);
    expect(log.map(({ entry }) => entry)).toMatchObject([{ actor: host.user, event: { type: "workspace-deleted", name: workspace.name } }]);
  });

  it("WSP-08 ends the same when the process is killed at any commit of it", { timeout: 60_000 }, async () => {
    const { commits } = await deleteWith(database, "never", 0);
    for (const when of ["before", "after"] as const)
      for (let nth = 0; nth < commits; nth += 1) {
        const { host } = await deleteWith(database, when, nth);
        const told = await host.store.platformEvents.ofHost(LOG_START, 9);
        expect([when, nth, await host.store.workspaces.get(host.workspace.id), told.length]).toEqual([when, nth, null, 1]);
        expect(await host.store.workspaces.isEmpty(host.workspace.id)).toBe(true);
      }
  });
});
