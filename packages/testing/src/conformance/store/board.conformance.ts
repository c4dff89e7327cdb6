import { expect } from "vitest";
import {
  aWorkspace,
  SERVICE,
  TASK,
  WS,
  aBlock,
  aService,
  aPipeline,
  aPreset,
  aRecord,
  boardOf,
  expectRefusal,
  merged,
  pullRequest,
} from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const estimate = { complexity: 0.1, risk: 0.2, impact: 1, rationale: "Small, but everybody sees it.", model: null, at: 30 };
const document = { kind: "requirements-review", output: { key: "run_a/0", digest: "e".repeat(64), chars: 5 }, description: "d".repeat(64) };

export const boardCases: readonly StoreCase[] = [
  {
    name: "a workspace is read back and listed oldest first",
    async run({ store }) {
      const workspaces = [3, 1, 2].map((createdAt) => aWorkspace(`ws_${createdAt}`, { name: `Board ${createdAt}`, createdAt }));
      await store.commit(workspaces.map((workspace) => ({ change: "insert-workspace", workspace }) as const));
      expect(await store.workspaces.get("ws_3")).toEqual(workspaces[0]);
      expect(await store.workspaces.get("ws_9")).toBeNull();
      expect((await store.workspaces.list({ limit: 2 })).map(({ id }) => id)).toEqual(["ws_1", "ws_2"]);
      expect((await store.workspaces.list({ limit: 2, after: "ws_2" })).map(({ id }) => id)).toEqual(["ws_3"]);
    },
  },
  {
    name: "a block is read back whole, and children are listed oldest first, ties by id",
    async run({ store }) {
      const choices = { presetId: "pre_a", pipelineId: "pip_a", modelId: "acme:large", moduleName: "Health", taskType: "bug" } as const;
      const made = { pullRequest, merged, estimate, document, testEnvironment: "local" } as const;
      const late = aBlock({ id: "tsk_c", createdAt: 9, progress: 0.25, ...choices, ...made });
      const tie = aBlock({ id: "tsk_b" });
      await store.commit([...boardOf(WS), { change: "insert-block", block: late }, { change: "insert-block", block: tie }]);
      expect(await store.blocks.get(WS, "tsk_c")).toEqual(late);
      expect(await store.blocks.get(WS, SERVICE)).toEqual(aService());
      expect(await store.blocks.children(WS, null, { limit: 5 })).toEqual([aService()]);
      expect((await store.blocks.children(WS, SERVICE, { limit: 2 })).map(({ id }) => id)).toEqual([TASK, "tsk_b"]);
      expect(await store.blocks.children(WS, SERVICE, { limit: 2, after: "tsk_b" })).toEqual([late]);
      expect(await store.blocks.children(WS, TASK, { limit: 2 })).toEqual([]);
    },
  },
  {
    name: "patching a block writes what is set and nothing else",
    async run({ store }) {
      await store.commit(boardOf(WS));
      const patch = (change: object): Promise<unknown> =>
        store.commit([{ change: "patch-block", workspaceId: WS, id: TASK, patch: change }]);
      await patch({ status: "in_progress", progress: 0.5, runId: "run_a", pullRequest });
      expect(await store.blocks.get(WS, TASK)).toEqual(aBlock({ status: "in_progress", progress: 0.5, runId: "run_a", pullRequest }));
      await patch({ progress: 1, merged });
      await patch({});
      expect(await store.blocks.get(WS, TASK)).toEqual(aBlock({ status: "in_progress", progress: 1, runId: "run_a", pullRequest, merged }));
      await patch({ runId: null, pullRequest: null, status: undefined });
      expect(await store.blocks.get(WS, TASK)).toEqual(aBlock({ status: "in_progress", progress: 1, merged }));
      await patch({ estimate, document, confidence: 0.5 });
      expect(await store.blocks.get(WS, TASK)).toEqual(
        aBlock({ status: "in_progress", progress: 1, merged, estimate, document, confidence: 0.5 }),
      );
      await patch({ document: null, description: "Rewritten", confidence: null });
      const rewritten = aBlock({ status: "in_progress", progress: 1, merged, estimate, description: "Rewritten" });
      expect(await store.blocks.get(WS, TASK)).toEqual(rewritten);
      expect(await store.blocks.get(WS, SERVICE)).toEqual(aService());
      const testing = { composePath: "compose.yml", noInfrastructure: false };
      await store.commit([{ change: "patch-block", workspaceId: WS, id: SERVICE, patch: { testing } }]);
      expect(await store.blocks.get(WS, SERVICE)).toEqual(aService({ testing }));
      await store.commit([{ change: "patch-block", workspaceId: WS, id: SERVICE, patch: { testing: null } }]);
      expect(await store.blocks.get(WS, SERVICE)).toEqual(aService({ testing: null }));
    },
  },
  {
    name: "patching a block that is not there is refused and inserts nothing",
    async run({ store }) {
      await store.commit(boardOf(WS));
      await expectRefusal(store.commit([{ change: "patch-block", workspaceId: WS, id: "tsk_x", patch: { progress: 1 } }]), "not_found");
      await expectRefusal(store.commit([{ change: "patch-block", workspaceId: WS, id: "tsk_x", patch: {} }]), "not_found");
      expect(await store.blocks.get(WS, "tsk_x")).toBeNull();
    },
  },
  {
    name: "an id in use is refused",
    async run({ store }) {
      await store.commit(boardOf(WS));
      const workspace = aWorkspace(WS, { name: "Again", createdAt: 3 });
      await expectRefusal(store.commit([{ change: "insert-workspace", workspace }]), "conflict");
      await expectRefusal(store.commit([{ change: "insert-block", block: aBlock({ title: "Again" }) }]), "conflict");
      expect((await store.blocks.get(WS, TASK))?.title).toBe(aBlock().title);
    },
  },
  {
    name: "a row of a board that does not exist is refused",
    async run({ store }) {
      await store.commit(boardOf(WS));
      await expectRefusal(store.commit([{ change: "insert-block", block: aBlock({ id: "tsk_x", parentId: "svc_x" }) }]), "not_found");
      await expectRefusal(store.commit([{ change: "put-pipeline", workspaceId: "ws_x", pipeline: aPipeline() }]), "not_found");
      await expectRefusal(store.commit([{ change: "put-preset", preset: aPreset({ workspaceId: "ws_x" }) }]), "not_found");
    },
  },
  {
    name: "a pipeline is replaced by id and listed by id",
    async run({ store }) {
      const put = (id: string, name: string) => ({ change: "put-pipeline", workspaceId: WS, pipeline: aPipeline({ id, name }) }) as const;
      await store.commit([...boardOf(WS), put("pip_b", "B"), put("pip_c", "C"), put("pip_a", "A")]);
      await store.commit([put("pip_b", "B again")]);
      expect(await store.pipelines.get(WS, "pip_b")).toEqual(aPipeline({ id: "pip_b", name: "B again" }));
      expect(await store.pipelines.get(WS, "pip_x")).toBeNull();
      expect((await store.pipelines.list(WS, { limit: 2 })).map(({ name }) => name)).toEqual(["A", "B again"]);
      expect((await store.pipelines.list(WS, { limit: 2, after: "pip_b" })).map(({ name }) => name)).toEqual(["C"]);
    },
  },
  {
    name: "a merge preset is replaced by id, and the default one is found",
    async run({ store }) {
      await store.commit([...boardOf(WS), { change: "put-preset", preset: aPreset() }]);
      expect(await store.presets.getDefault(WS)).toBeNull();
      const preset = aPreset({ isDefault: true, maxRisk: 0.1 });
      await store.commit([{ change: "put-preset", preset }]);
      expect(await store.presets.get(WS, preset.id)).toEqual(preset);
      expect(await store.presets.getDefault(WS)).toEqual(preset);
      expect(await store.presets.get(WS, "pre_x")).toBeNull();
    },
  },
  {
    name: "what is around a run is read at once: its revision, the way up to the service, the workspace, the block's preset or the default",
    async run({ store }) {
      const fallback = aPreset({ id: "pre_default", isDefault: true });
      const own = aPreset({ id: "pre_own" });
      const inModule = aBlock({ id: "tsk_in", parentId: "mod_a", presetId: own.id });
      await store.commit([
        ...boardOf(WS),
        { change: "insert-block", block: aBlock({ id: "mod_a", level: "module", parentId: SERVICE }) },
        { change: "insert-block", block: inModule },
        { change: "insert-run", record: aRecord("run_a", { revision: 3 }) },
      ]);
      const workspace = await store.workspaces.get(WS);
      const [task, service] = [await store.blocks.get(WS, TASK), await store.blocks.get(WS, SERVICE)];
      expect(await store.runs.context({ workspaceId: WS, blockId: TASK, runId: "run_a" })).toEqual({
        revision: 3,
        path: [task, service],
        workspace,
        preset: null,
      });
      await store.commit([fallback, own].map((preset) => ({ change: "put-preset", preset }) as const));
      expect(await store.runs.context({ workspaceId: WS, blockId: TASK, runId: null })).toEqual({
        revision: null,
        path: [task, service],
        workspace,
        preset: fallback,
      });
      const around = await store.runs.context({ workspaceId: WS, blockId: "tsk_in", runId: "run_x" });
      expect(around).toMatchObject({ revision: null, preset: own });
      expect(around.path.map(({ id }) => id)).toEqual(["tsk_in", "mod_a", SERVICE]);
      expect(await store.runs.context({ workspaceId: WS, blockId: "tsk_x", runId: null })).toEqual({
        revision: null,
        path: [],
        workspace,
        preset: fallback,
      });
      expect(await store.runs.context({ workspaceId: "ws_x", blockId: TASK, runId: "run_a" })).toEqual({
        revision: null,
        path: [],
        workspace: null,
        preset: null,
      });
    },
  },
  {
    name: "a page asks for 1 to 200 rows, after one that exists",
    async run({ store }) {
      await store.commit(boardOf(WS));
      for (const limit of [0, 201, 1.5, -1]) {
        await expectRefusal(store.workspaces.list({ limit }), "validation");
        await expectRefusal(store.blocks.children(WS, null, { limit }), "validation");
        await expectRefusal(store.runs.list(WS, {}, { limit }), "validation");
        await expectRefusal(store.pipelines.list(WS, { limit }), "validation");
        await expectRefusal(store.notifications.open(WS, { limit }), "validation");
      }
      await expectRefusal(store.workspaces.list({ limit: 1, after: "ws_x" }), "validation");
      await expectRefusal(store.blocks.children(WS, null, { limit: 1, after: "svc_x" }), "validation");
      await expectRefusal(store.runs.list(WS, {}, { limit: 1, after: "run_x" }), "validation");
      await expectRefusal(store.notifications.open(WS, { limit: 1, after: "ntf_x" }), "validation");
    },
  },
  {
    name: "what is stored is a copy, and what is read is a copy",
    async run({ store }) {
      const block = aBlock({ title: "Before" });
      await store.commit([...boardOf(WS).slice(0, 2), { change: "insert-block", block }]);
      block.title = "Changed by the writer";
      const read = await store.blocks.get(WS, TASK);
      expect(read?.title).toBe("Before");
      if (read !== null) read.title = "Changed by the reader";
      expect((await store.blocks.get(WS, TASK))?.title).toBe("Before");
    },
  },
];
