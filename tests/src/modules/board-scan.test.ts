import { createTestHost, type TestHost } from "@millrace/testing";
import { localOwner } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";

const node = (name: string, summary = "", ...references: readonly string[]) => ({ name, summary, references: [...references] });
const map = (...modules: readonly ReturnType<typeof node>[]) => ({ name: "Shop", summary: "sells", references: ["src/main.ts"], modules });

/** A host whose service is mapped once for each of these maps. */
async function mapped(
  ...maps: readonly ReturnType<typeof map>[]
): Promise<{ host: TestHost; serviceId: string; again: () => Promise<string> }> {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "blueprints" }] },
    script: { blueprints: maps.map((answer) => ({ answer })) },
  });
  const again = async (): Promise<string> => {
    const { id } = await host.start();
    await host.drive();
    return (await host.run(id)).phase.is;
  };
  expect(await again()).toBe("done");
  return { host, serviceId: host.task.parentId ?? "", again };
}

const mapOf = ({ host, serviceId }: { host: TestHost; serviceId: string }) =>
  host.call("board-scan.blueprint", localOwner(host.user), { workspaceId: host.workspace.id, serviceId });

describe("a service that is mapped", () => {
  it("SCN-01 SCN-02 has its text and that of its modules beside what people wrote", async () => {
    const scene = await mapped(map(node("Cart", "holds items", "src/cart")), map(node("Cart", "holds goods", "src/cart")));
    const { host, serviceId } = scene;
    const first = await mapOf(scene);
    expect(first).toMatchObject({
      service: { id: serviceId, generatedText: "sells", references: ["src/main.ts"] },
      modules: [{ title: "Cart", key: "cart", generatedText: "holds items", references: ["src/cart"], isStale: false }],
    });
    const id = first.modules[0]?.id ?? "";
    const change = { workspaceId: host.workspace.id, blockId: id, title: "Basket", description: "by a person" };
    await host.call("board.update", localOwner(host.user), change, { ifMatch: "*" });
    await scene.again();
    expect((await mapOf(scene)).modules).toMatchObject([{ id, title: "Basket", generatedText: "holds goods" }]);
    expect(await host.store.blocks.get(host.workspace.id, id)).toMatchObject({ description: "by a person" });
  });

  it("SCN-02 S4 marks a module that the map names no longer, until a person keeps it or the map names it again", async () => {
    const scene = await mapped(map(node("Cart"), node("Pay")), map(), map(node("Cart")), map(), map());
    const { host } = scene;
    const stale = async () => (await mapOf(scene)).modules.map(({ key, isStale }) => `${key} ${isStale}`).toSorted();
    await scene.again();
    expect(await stale()).toEqual(["cart true", "pay true"]);
    await scene.again();
    expect(await stale()).toEqual(["cart false", "pay true"]);
    const pay = (await mapOf(scene)).modules.find(({ key }) => key === "pay")?.id ?? "";
    const dismiss = () =>
      host.call("board-scan.dismissStale", localOwner(host.user), { workspaceId: host.workspace.id, blockId: pay }, { key: "once" });
    expect(await dismiss()).toMatchObject({ id: pay, isStale: false, blueprintKey: null });
    expect(await dismiss()).toMatchObject({ id: pay });
    await scene.again();
    expect(await stale()).toEqual(["cart true"]);
    const log = await host.store.events.read(host.workspace.id, "0", 1000);
    const counts = log.flatMap(({ entry: { event } }) => (event.type === "blueprint-reconciled" ? [event.modulesStale] : []));
    expect(counts).toEqual([0, 2, 0, 1]);
  });

  it("SCN-01 makes a module anew that people removed with its runs, under an id of its own", async () => {
    const scene = await mapped(map(node("Cart")), map(node("Cart")));
    const { host } = scene;
    const before = (await mapOf(scene)).modules[0]?.id ?? "";
    const { workspace, user } = host;
    const task = await host.board.addTask({ workspaceId: workspace.id, parentId: before, input: { title: "t" }, actor: user });
    await host.execution.start({ workspaceId: workspace.id, blockId: task.id, pipelineId: "pl_requirements", actor: user });
    await host.call("board.remove", localOwner(user), { workspaceId: workspace.id, blockId: before }, { ifMatch: "*" });
    expect(await host.store.blocks.get(workspace.id, before)).toMatchObject({ removedAt: expect.any(Number) });
    expect(await scene.again()).toBe("done");
    const { modules } = await mapOf(scene);
    expect(modules.map(({ title }) => title)).toEqual(["Cart"]);
    expect(modules[0]?.id).not.toBe(before);
  });

  it("SCN-01 S3 fails, and makes no service, where there is none", async () => {
    let isGone = false;
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "blueprints" }] },
      script: {
        blueprints: () => {
          isGone = true;
          return { answer: map(node("Cart")) };
        },
      },
      wrap: (ports) => {
        const { runs } = ports.store;
        const context: typeof runs.context = async (query) => {
          const found = await runs.context(query);
          return isGone ? { ...found, path: found.path.filter(({ level }) => level !== "service") } : found;
        };
        // The next read of a run is a fresh one.
        const commit: typeof ports.store.commit = async (changes) => ports.store.commit(changes);
        return { ...ports, store: { ...ports.store, runs: { ...runs, context }, commit } };
      },
    });
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { code: "not_found" } });
    const services = await host.store.blocks.children(host.workspace.id, null, { limit: 9 });
    expect(services.map(({ title }) => title)).toEqual(["sample"]);
  });
});
