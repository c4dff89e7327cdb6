import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { TASK, WS, aBlock, aPipeline, aRecord, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const insert = (id: string, max = 9): Change => ({ change: "insert-pipeline", workspaceId: WS, pipeline: aPipeline({ id }), max });
const remove = (id: string, replaceBy: string | null = null, expected: number | null = null): Change => ({
  change: "delete-pipeline",
  workspaceId: WS,
  id,
  expected,
  replaceBy,
});

export const pipelineCases: readonly StoreCase[] = [
  {
    name: "PIP-02 a pipeline is added under a free id, up to a limit, and listed by id",
    async run({ store }) {
      await store.commit([...boardOf(WS), insert("pip_b"), insert("pip_c"), insert("pip_a")]);
      await expectRefusal(store.commit([insert("pip_a")]), "already_exists");
      await expectRefusal(store.commit([insert("pip_d", 3)]), "limit_reached");
      expect(await store.pipelines.get(WS, "pip_b")).toEqual({ ...aPipeline({ id: "pip_b" }), revision: 1 });
      expect(await store.pipelines.get(WS, "pip_d")).toBeNull();
      expect((await store.pipelines.list(WS, { limit: 2 })).map(({ id }) => id)).toEqual(["pip_a", "pip_b"]);
      expect((await store.pipelines.list(WS, { limit: 2, after: "pip_b" })).map(({ id }) => id)).toEqual(["pip_c"]);
    },
  },
  {
    name: "PIP-04 a change of a pipeline counts its revision up, and one that was decided on an older one is refused",
    async run({ store }) {
      await store.commit([...boardOf(WS), insert("pip_a")]);
      const update = (name: string, expected: number | null, id = "pip_a"): Change => ({
        change: "update-pipeline",
        workspaceId: WS,
        pipeline: aPipeline({ id, name }),
        expected,
      });
      await store.commit([update("Two", 1)]);
      await expectRefusal(store.commit([update("Late", 1)]), "stale_revision");
      await store.commit([update("Three", null)]);
      await expectRefusal(store.commit([update("None", null, "pip_x")]), "not_found");
      expect(await store.pipelines.get(WS, "pip_a")).toMatchObject({ name: "Three", revision: 3 });
    },
  },
  {
    name: "PIP-06 a pipeline that a task names is removed only when another one takes its place",
    async run({ store }) {
      const gone = { id: "tsk_gone", pipelineId: "pip_a", removedAt: 3 };
      await store.commit([
        ...boardOf(WS),
        insert("pip_a"),
        insert("pip_b"),
        { change: "organize-pipeline", workspaceId: WS, pipelineId: "pip_a", archived: true, expected: null },
        { change: "patch-block", workspaceId: WS, id: TASK, patch: { pipelineId: "pip_a" } },
        { change: "insert-block", block: aBlock(gone) },
      ]);
      expect(await store.pipelines.uses(WS)).toEqual(new Map([["pip_a", 1]]));
      expect(await store.pipelines.usedBy(WS, "pip_a", 9)).toEqual([{ id: TASK, title: aBlock().title }]);
      await expectRefusal(store.commit([remove("pip_a")]), "in_use");
      await expectRefusal(store.commit([remove("pip_a", "pip_b", 9)]), "stale_revision");
      expect(await store.blocks.get(WS, TASK)).toMatchObject({ pipelineId: "pip_a" });
      await store.commit([remove("pip_a", "pip_b", 1)]);
      expect(await store.pipelines.get(WS, "pip_a")).toBeNull();
      expect(await store.pipelineLabels.list(WS)).toEqual([]);
      expect(await store.blocks.get(WS, TASK)).toMatchObject({ pipelineId: "pip_b", revision: aBlock().revision + 1 });
      await store.commit([remove("pip_a"), remove("pip_a", null, 1)]);
    },
  },
  {
    name: "PIP-10 the runs of a pipeline are listed by it, with the digest of the steps they copied",
    async run({ store }) {
      const of = (id: string, pipeline: { id: string; digest: string }, createdAt: number): Change => ({
        change: "insert-run",
        record: aRecord(id, { pipeline, createdAt, status: "done" }),
      });
      await store.commit([
        ...boardOf(WS),
        of("run_a", { id: "pip_a", digest: "one" }, 1),
        of("run_b", { id: "pip_b", digest: "one" }, 2),
        of("run_c", { id: "pip_a", digest: "two" }, 3),
      ]);
      const runs = await store.runs.list(WS, { pipelineId: "pip_a" }, { limit: 9 });
      expect(runs.map(({ id, pipeline }) => [id, pipeline.digest])).toEqual([
        ["run_c", "two"],
        ["run_a", "one"],
      ]);
      expect((await store.runs.list(WS, { pipelineId: "pip_a", live: true }, { limit: 9 })).length).toBe(0);
    },
  },
];
