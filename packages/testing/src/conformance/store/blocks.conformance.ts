import type { Block } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { SERVICE, TASK, WS, aBlock, aRecord, aService, aWorkspace, boardOf, expectRefusal, merged, pullRequest } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const estimate = { complexity: 0.1, risk: 0.2, impact: 1, rationale: "Small, but everybody sees it.", model: null, at: 30 };
const document = { kind: "requirements-review", output: { key: "run_a/0", digest: "e".repeat(64), chars: 5 }, description: "d".repeat(64) };

const insert = (block: Block): Change => ({ change: "insert-block", block });
const move = (id: string, parentId: string, workspaceId = WS): Change => ({ change: "move-block", workspaceId, id, parentId });

/** A module under the service. */
function aModule(id: string, over: Partial<Block> = {}): Block {
  return aBlock({ id, level: "module", title: "Health", ...over });
}

export const blockCases: readonly StoreCase[] = [
  {
    name: "a block is read back whole, and children are listed oldest first, ties by id",
    async run({ store }) {
      const choices = { presetId: "pre_a", pipelineId: "pip_a", modelId: "acme:large", moduleName: "Health", taskType: "bug" } as const;
      const made = { pullRequest, merged, estimate, document, testEnvironment: "local" } as const;
      const said = {
        fields: { severity: "high", stepsToReproduce: "Open it." },
        agentConfig: { effort: "high" },
        fragmentIds: ["frg_a"],
        responsibleId: "usr_a",
        createdBy: "ann",
        trackerComment: "on",
        trackerResolve: "off",
      } as const;
      const drawn = { position: { x: 1.5, y: -2 }, positionRevision: 3, revision: 2 } as const;
      const late = aBlock({ id: "tsk_c", createdAt: 9, progress: 0.25, ...choices, ...made, ...said, ...drawn, fragmentIds: ["frg_a"] });
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
      await patch({ estimate, document, confidence: 0.5, references: ["src/a"] });
      expect(await store.blocks.get(WS, TASK)).toEqual(
        aBlock({ status: "in_progress", progress: 1, merged, estimate, document, confidence: 0.5, references: ["src/a"] }),
      );
      await patch({ document: null, description: "Rewritten", confidence: null, references: [] });
      const rewritten = aBlock({ status: "in_progress", progress: 1, merged, estimate, description: "Rewritten" });
      expect(await store.blocks.get(WS, TASK)).toEqual(rewritten);
      expect(await store.blocks.get(WS, SERVICE)).toEqual(aService());
      const testing = { composePath: "compose.yml", noInfrastructure: false };
      await store.commit([{ change: "patch-block", workspaceId: WS, id: SERVICE, patch: { testing } }]);
      expect(await store.blocks.get(WS, SERVICE)).toEqual(aService({ testing }));
      await store.commit([{ change: "patch-block", workspaceId: WS, id: SERVICE, patch: { testing: null } }]);
      expect(await store.blocks.get(WS, SERVICE)).toEqual(aService({ testing: null }));
      const checks = { ci: "required" as const, requiredChecks: ["test"] };
      await store.commit([{ change: "patch-block", workspaceId: WS, id: SERVICE, patch: { checks } }]);
      expect(await store.blocks.get(WS, SERVICE)).toEqual(aService({ testing: null, checks }));
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
    name: "a service keeps its test settings",
    async run({ store }) {
      const service = aService({ id: "svc_b", testing: { composePath: "deploy/compose.yaml", noInfrastructure: false } });
      await store.commit([...boardOf(WS), insert(service)]);
      expect(await store.blocks.get(WS, "svc_b")).toEqual(service);
    },
  },
  {
    name: "a service and a module keep what only they have",
    async run({ store }) {
      const machines = { cloudProvider: "aws", instanceSize: "large" } as const;
      const service = aService({ id: "svc_b", type: "api", size: { w: 300, h: 200 }, ...machines });
      const scanned = aModule("mod_a", { parentId: "svc_b", blueprintKey: "health", generatedText: "Checks.", isStale: true });
      await store.commit([...boardOf(WS), insert(service), insert(scanned)]);
      expect(await store.blocks.get(WS, "svc_b")).toEqual(service);
      expect(await store.blocks.get(WS, "mod_a")).toEqual(scanned);
      const patch = { size: null, cloudProvider: null, fragmentIds: ["frg_b"], isStale: false } as const;
      for (const id of ["svc_b", "mod_a"])
        await store.commit([{ change: "patch-block", workspaceId: WS, id, patch: { ...patch, fragmentIds: ["frg_b"] } }]);
      expect(await store.blocks.get(WS, "svc_b")).toEqual({ ...service, ...patch });
      expect(await store.blocks.get(WS, "mod_a")).toEqual({ ...scanned, ...patch });
    },
  },
  {
    name: "BRD-07 a change names the revision it was decided on; an old one refuses the whole commit",
    async run({ store }) {
      const revise = (expected: number | null, of: "block" | "position" = "block", id = TASK): Change => {
        return { change: "revise-block", workspaceId: WS, id, of, expected };
      };
      const rename = (title: string): Change => ({ change: "patch-block", workspaceId: WS, id: TASK, patch: { title } });
      await store.commit(boardOf(WS));
      await store.commit([revise(1), rename("One")]);
      await expectRefusal(store.commit([rename("Two"), revise(1)]), "stale_revision");
      await expectRefusal(store.commit([rename("Two"), revise(3)]), "stale_revision");
      await store.commit([rename("Two"), revise(2)]);
      await store.commit([rename("Three"), revise(null)]);
      expect(await store.blocks.get(WS, TASK)).toEqual(aBlock({ title: "Three", revision: 4 }));
      await store.commit([revise(1, "position")]);
      await expectRefusal(store.commit([revise(1, "position")]), "stale_revision");
      expect(await store.blocks.get(WS, TASK)).toEqual(aBlock({ title: "Three", revision: 4, positionRevision: 2 }));
      await expectRefusal(store.commit([revise(null, "block", "tsk_x")]), "not_found");
    },
  },
  {
    name: "a block is moved under another parent, and keeps everything else",
    async run({ store }) {
      await store.commit([...boardOf(WS), insert(aModule("mod_a"))]);
      await store.commit([move(TASK, "mod_a")]);
      expect(await store.blocks.children(WS, "mod_a", { limit: 9 })).toEqual([aBlock({ parentId: "mod_a" })]);
      expect((await store.blocks.children(WS, SERVICE, { limit: 9 })).map(({ id }) => id)).toEqual(["mod_a"]);
      await store.commit([move(TASK, "mod_b"), insert(aModule("mod_b"))]);
      expect((await store.blocks.get(WS, TASK))?.parentId).toBe("mod_b");
    },
  },
  {
    name: "a block is given back by its last run, when that has ended and nothing has merged; again is nothing",
    async run({ store }) {
      const task = aBlock({ id: "tsk_r", runId: "run_r", status: "blocked", progress: 0.5 });
      const release = (runId: string, workspaceId = WS): Change => ({ change: "release-block", workspaceId, id: "tsk_r", runId });
      const live = aRecord("run_r", { blockId: "tsk_r" });
      await store.commit([...boardOf(WS), insert(task), { change: "insert-run", record: live }]);
      await store.commit(boardOf("ws_b"));
      for (const refused of [release("run_r"), release("run_x"), release("run_r", "ws_b")])
        await expectRefusal(store.commit([refused]), "stale_revision");
      await store.commit([{ change: "update-run", record: { ...live, status: "cancelled", revision: 2 }, expected: 1 }]);
      await expectRefusal(store.commit([release("run_x")]), "stale_revision");
      await store.commit([release("run_r")]);
      const given = { ...task, runId: null, status: "planned", progress: 0 };
      expect(await store.blocks.get(WS, "tsk_r")).toEqual(given);
      await store.commit([release("run_r")]);
      expect(await store.blocks.get(WS, "tsk_r")).toEqual(given);
    },
  },
  {
    name: "F:E9 a task is changed while it is idle, and a live run refuses the whole commit",
    async run({ store }) {
      const idle = (id: string): Change => ({ change: "keep-block-idle", workspaceId: WS, id });
      const patch = {
        title: "Renamed",
        taskType: "bug",
        pipelineId: "pl_x",
        presetId: null,
        moduleName: "M",
        modelId: "acme:small",
      } as const;
      const edit: Change = { change: "patch-block", workspaceId: WS, id: TASK, patch: { ...patch, testEnvironment: "local" } };
      await store.commit(boardOf(WS));
      await expectRefusal(store.commit([idle("tsk_x")]), "not_found");
      await store.commit([idle(TASK), edit]);
      const edited = aBlock({ ...patch, testEnvironment: "local" });
      expect(await store.blocks.get(WS, TASK)).toEqual(edited);
      const live = aRecord("run_r");
      await store.commit([{ change: "insert-run", record: live }]);
      const again: Change = { change: "patch-block", workspaceId: WS, id: TASK, patch: { title: "Again" } };
      await expectRefusal(store.commit([idle(TASK), again]), "run_in_progress");
      expect(await store.blocks.get(WS, TASK)).toEqual(edited);
      await store.commit([{ change: "update-run", record: { ...live, status: "failed", revision: 2 }, expected: 1 }]);
      await store.commit([idle(TASK), again]);
      expect((await store.blocks.get(WS, TASK))?.title).toBe("Again");
    },
  },
  {
    name: "F:E9 a removed task is in no list, gets no run, and stays readable",
    async run({ store }) {
      await store.commit([...boardOf(WS), insert(aBlock({ id: "tsk_b", createdAt: 9 }))]);
      await store.commit([{ change: "patch-block", workspaceId: WS, id: TASK, patch: { removedAt: 40 } }]);
      expect((await store.blocks.children(WS, SERVICE, { limit: 5 })).map(({ id }) => id)).toEqual(["tsk_b"]);
      expect(await store.blocks.get(WS, TASK)).toEqual(aBlock({ removedAt: 40 }));
      await expectRefusal(store.commit([{ change: "insert-run", record: aRecord("run_r") }]), "not_found");
      expect(await store.runs.get(WS, "run_r")).toBeNull();
      await store.commit([{ change: "insert-run", record: aRecord("run_b", { blockId: "tsk_b" }) }]);
    },
  },
  {
    name: "a block that has merged is not given back",
    async run({ store }) {
      const task = aBlock({ id: "tsk_r", runId: "run_r", status: "done", progress: 1, merged: { ...merged, runId: "run_r" } });
      await store.commit([
        ...boardOf(WS),
        insert(task),
        { change: "insert-run", record: aRecord("run_r", { blockId: "tsk_r", status: "done" }) },
      ]);
      await expectRefusal(store.commit([{ change: "release-block", workspaceId: WS, id: "tsk_r", runId: "run_r" }]), "stale_revision");
      expect(await store.blocks.get(WS, "tsk_r")).toEqual(task);
    },
  },
  {
    name: "a block is not moved when it or its new parent is missing or of another workspace",
    async run({ store }) {
      await store.commit(boardOf(WS));
      await store.commit([...boardOf("ws_b"), insert(aModule("mod_b", { workspaceId: "ws_b" }))]);
      for (const refused of [move("tsk_x", SERVICE), move(TASK, "mod_x"), move(TASK, "mod_b"), move("mod_b", SERVICE)]) {
        await expectRefusal(store.commit([refused]), "not_found");
      }
      expect(await store.blocks.get(WS, TASK)).toEqual(aBlock());
      expect((await store.blocks.get("ws_b", "mod_b"))?.parentId).toBe(SERVICE);
    },
  },
  {
    name: "a module is found by exactly its title under its parent, the oldest of several",
    async run({ store }) {
      const modules = [
        aModule("mod_c", { createdAt: 5 }),
        aModule("mod_b", { createdAt: 4 }),
        aModule("mod_a", { createdAt: 4 }),
        aModule("mod_old", { createdAt: 1, parentId: "mod_a" }),
        aModule("mod_case", { createdAt: 1, title: "health" }),
      ];
      await store.commit([...boardOf(WS), insert(aBlock({ id: "tsk_h", title: "Health", createdAt: 1 })), ...modules.map(insert)]);
      await store.commit(boardOf("ws_b"));
      expect((await store.blocks.moduleByTitle(WS, SERVICE, "Health"))?.id).toBe("mod_a");
      expect(await store.blocks.moduleByTitle(WS, "mod_a", "Health")).toEqual(modules[3]);
      expect((await store.blocks.moduleByTitle(WS, SERVICE, "health"))?.id).toBe("mod_case");
      expect(await store.blocks.moduleByTitle(WS, SERVICE, "Healt")).toBeNull();
      expect(await store.blocks.moduleByTitle("ws_b", SERVICE, "Health")).toBeNull();
    },
  },
];
