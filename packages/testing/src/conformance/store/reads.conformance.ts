import { expect } from "vitest";
import { TASK, WS, aBlock, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

export const readCases: readonly StoreCase[] = [
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
