import type { Block } from "@millrace/contracts";
import type { BlockFilter, Change } from "@millrace/kernel";
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

/** A module, and tasks of it and of the service. */
const filledBoard: readonly Block[] = [
  aModule("mod_a"),
  aBlock({ id: "tsk_1", title: "Clear the cart", taskType: "bug" }),
  aBlock({ id: "tsk_2", title: "1000 or 100% of it", parentId: "mod_a", status: "blocked" }),
  aBlock({ id: "tsk_3", title: "Done", pipelineId: "pip_a", status: "done" }),
  aBlock({ id: "tsk_4", title: "bb_gg" }),
  aBlock({ id: "tsk_gone", title: "Not there" }),
];

export const blockCases: readonly StoreCase[] = [
  {
    name: "a block is read back whole, and children are listed in the order of their inserts",
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
      const other = aBlock({ id: "tsk_b" });
      await store.commit([...boardOf(WS), { change: "insert-block", block: other }, { change: "insert-block", block: late }]);
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
    name: "BRD-06 a board takes so many services and open tasks, and not one more",
    async run({ store }) {
      const add = (block: Block, max: number): Promise<unknown> => store.commit([{ change: "insert-block", block, max }]);
      await store.commit(boardOf(WS));
      await store.commit(boardOf("ws_b"));
      await add(aBlock({ id: "tsk_b" }), 2);
      await expectRefusal(add(aBlock({ id: "tsk_c" }), 2), "limit_reached");
      expect(await store.blocks.get(WS, "tsk_c")).toBeNull();
      await store.commit([{ change: "patch-block", workspaceId: WS, id: TASK, patch: { status: "done" } }]);
      await add(aBlock({ id: "tsk_c" }), 2);
      await store.commit([{ change: "patch-block", workspaceId: WS, id: "tsk_c", patch: { removedAt: 9 } }]);
      await add(aBlock({ id: "tsk_d" }), 2);
      await expectRefusal(add(aService({ id: "svc_b" }), 1), "limit_reached");
      await add(aService({ id: "svc_b" }), 2);
    },
  },
  {
    name: "BRD-05 no two modules of a service are made at one place",
    async run({ store }) {
      const add = (id: string, over: Partial<Block>): Promise<unknown> =>
        store.commit([{ change: "insert-block", block: aModule(id, { position: { x: 24, y: 80 }, ...over }), isPlaceFree: true }]);
      await store.commit([...boardOf(WS), insert(aService({ id: "svc_b" }))]);
      await add("mod_a", {});
      await expectRefusal(add("mod_b", {}), "conflict");
      await add("mod_b", { position: { x: 24, y: 81 } });
      await add("mod_c", { parentId: "svc_b" });
      expect(await store.blocks.countModules(WS, SERVICE)).toBe(2);
    },
  },
  {
    name: "BRD-12 a service is idle while no run of a task in it is live",
    async run({ store }) {
      const idle: Change = { change: "keep-block-idle", workspaceId: WS, id: SERVICE };
      const live = aRecord("run_r", { serviceId: SERVICE });
      await store.commit([...boardOf(WS), insert(aService({ id: "svc_b" }))]);
      await store.commit([idle]);
      await store.commit([{ change: "insert-run", record: live }]);
      await expectRefusal(store.commit([idle]), "run_in_progress");
      await store.commit([{ ...idle, id: "svc_b" }]);
      await store.commit([{ change: "update-run", record: { ...live, status: "done", revision: 2 }, expected: 1 }]);
      await store.commit([idle]);
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
    name: "BRD-01 blocks are listed by filters in the order of their inserts, page by page",
    async run({ store }) {
      await store.commit([...boardOf(WS), ...filledBoard.map(insert)]);
      await store.commit([{ change: "patch-block", workspaceId: WS, id: "tsk_gone", patch: { removedAt: 9 } }]);
      await store.commit(boardOf("ws_b"));
      const idsOf = async (filter: BlockFilter, limit = 200): Promise<readonly string[]> => {
        const ids: string[] = [];
        for (let after: string | undefined, pages = 0; pages < 20; pages += 1) {
          const { rows, next } = await store.blocks.list(WS, filter, { limit, after });
          ids.push(...rows.map(({ id }) => id));
          if (next === null) return ids;
          after = next;
        }
        throw new Error("the list has no end");
      };
      const all = [SERVICE, TASK, "mod_a", "tsk_1", "tsk_2", "tsk_3", "tsk_4"];
      for (const limit of [1, 2, 3, 200]) expect(await idsOf({}, limit)).toEqual(all);
      expect(await idsOf({ parentId: SERVICE }, 2)).toEqual([TASK, "mod_a", "tsk_1", "tsk_3", "tsk_4"]);
      expect(await idsOf({ parentId: SERVICE, level: "module" })).toEqual(["mod_a"]);
      for (const level of ["service", "module"] as const)
        expect(await idsOf({ level }, 1)).toEqual([level === "service" ? SERVICE : "mod_a"]);
      expect(await idsOf({ level: "task" }, 2)).toEqual([TASK, "tsk_1", "tsk_2", "tsk_3", "tsk_4"]);
      expect(await idsOf({ status: ["done", "planned"] }, 1)).toEqual([TASK, "tsk_1", "tsk_3", "tsk_4"]);
      expect(await idsOf({ status: ["blocked"], parentId: SERVICE })).toEqual([]);
      expect(await idsOf({ status: ["blocked"], level: "module" })).toEqual([]);
      expect(await idsOf({ taskType: "bug" }, 1)).toEqual(["tsk_1"]);
      expect(await idsOf({ pipelineId: "pip_a" })).toEqual(["tsk_3"]);
      expect(await idsOf({ serviceId: SERVICE, level: "task" }, 2)).toEqual([TASK, "tsk_1", "tsk_2", "tsk_3", "tsk_4"]);
      expect(await idsOf({ serviceId: "svc_x" })).toEqual([]);
      expect(await idsOf({ text: "100%" })).toEqual(["tsk_2"]);
      expect(await idsOf({ text: "b_G" })).toEqual(["tsk_4"]);
      expect(await idsOf({ updatedAfter: 1_000_000_000_000_000 })).toEqual([]);
      expect(await idsOf({ updatedAfter: -1 }, 2)).toEqual(all);
      await expectRefusal(store.blocks.list(WS, {}, { limit: 1, after: "nonsense" }), "validation");
    },
  },
  {
    name: "BRD-17 tasks are listed with their run and its cost, sorted, and counted by column and lane",
    async run({ store }) {
      await store.commit([...boardOf(WS), ...filledBoard.map(insert)]);
      const runs = ["tsk_1", "tsk_2"].map((blockId): Change => {
        const status = blockId === "tsk_1" ? "waiting" : "running";
        return { change: "insert-run", record: aRecord(`run_${blockId}`, { blockId, status, serviceId: SERVICE }) };
      });
      await store.commit([
        ...runs,
        ...["tsk_1", "tsk_2"].map((id): Change => ({ change: "patch-block", workspaceId: WS, id, patch: { runId: `run_${id}` } })),
        { change: "reserve-spend", workspaceId: WS, runId: "run_tsk_2", micros: 7, caps: [{ scope: "run/run_tsk_2", maxMicros: null }] },
      ]);
      const page = (filter: BlockFilter, sort: "age" | "cost" | "title", limit = 200, after?: string) =>
        store.blocks.listWithRuns(WS, { level: "task", ...filter }, { limit, after, sort });
      const { rows } = await page({}, "age");
      const second = rows[2];
      expect(rows.map(({ block, run }) => [block.id, run?.id])).toEqual([
        [TASK, undefined],
        ["tsk_1", "run_tsk_1"],
        ["tsk_2", "run_tsk_2"],
        ["tsk_3", undefined],
        ["tsk_4", undefined],
        ["tsk_gone", undefined],
      ]);
      expect(second).toEqual({
        block: await store.blocks.get(WS, "tsk_2"),
        run: await store.runs.get(WS, "run_tsk_2"),
        cost: { settledMicros: 0, reservedMicros: 7 },
      });
      expect(await store.blocks.withRun(WS, "tsk_2")).toEqual(second);
      expect(await store.blocks.withRun(WS, "tsk_x")).toBeNull();
      expect((await page({ needsPerson: true }, "age")).rows.map(({ block }) => block.id)).toEqual(["tsk_1"]);
      const sorted = async (sort: "cost" | "title"): Promise<readonly string[]> => {
        const ids: string[] = [];
        for (let after: string | undefined, pages = 0; pages < 20; pages += 1) {
          const { rows: found, next } = await page({}, sort, 2, after);
          ids.push(...found.map(({ block }) => block.id));
          if (next === null) return ids;
          after = next;
        }
        throw new Error("the list has no end");
      };
      expect(await sorted("title")).toEqual(["tsk_2", TASK, "tsk_4", "tsk_1", "tsk_gone"]);
      expect(await sorted("cost")).toEqual(["tsk_2", TASK, "tsk_1", "tsk_4", "tsk_gone"]);
      await expectRefusal(page({ status: ["done"] }, "title"), "validation");
      const { next } = await page({}, "title", 1);
      await expectRefusal(page({}, "cost", 1, next ?? ""), "validation");
      const open = async (lanes: "none" | "service" | "module" | "pipeline") => (await store.blocks.counts(WS, lanes)).open;
      expect(await open("none")).toEqual([
        { lane: null, status: "blocked", count: 1 },
        { lane: null, status: "planned", count: 4 },
      ]);
      expect(await open("service")).toEqual([
        { lane: SERVICE, status: "blocked", count: 1 },
        { lane: SERVICE, status: "planned", count: 4 },
      ]);
      expect(await open("module")).toEqual([
        { lane: "mod_a", status: "blocked", count: 1 },
        { lane: SERVICE, status: "planned", count: 4 },
      ]);
      expect(await open("pipeline")).toEqual([
        { lane: null, status: "blocked", count: 1 },
        { lane: null, status: "planned", count: 4 },
      ]);
      expect((await store.blocks.counts(WS, "none")).done).toBe(1);
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
