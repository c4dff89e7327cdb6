import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

type Said = Pick<Extract<Change, { change: "organize-pipeline" }>, "labels" | "archived">;

const organize = (said: Said, expected: number | null, pipelineId = "pl_full"): Change => ({
  change: "organize-pipeline",
  workspaceId: WS,
  pipelineId,
  ...said,
  expected,
});

export const pipelineLabelCases: readonly StoreCase[] = [
  {
    name: "PIP-05 labels and archiving have a row of their own, whose members are set one by one",
    async run({ store }) {
      await store.commit(boardOf(WS));
      await expectRefusal(store.commit([organize({ archived: true }, 1)]), "stale_revision");
      expect(await store.pipelineLabels.get(WS, "pl_full")).toBeNull();
      await store.commit([organize({ labels: ["ours"] }, 0)]);
      await expectRefusal(store.commit([organize({ archived: true }, 0)]), "stale_revision");
      await store.commit([organize({ archived: true }, 1)]);
      await store.commit([organize({ labels: [] }, null), organize({ archived: true }, null, "pl_bugfix")]);
      expect(await store.pipelineLabels.get(WS, "pl_full")).toEqual({ pipelineId: "pl_full", labels: [], archived: true, revision: 3 });
      expect((await store.pipelineLabels.list(WS)).map(({ pipelineId }) => pipelineId)).toEqual(["pl_bugfix", "pl_full"]);
    },
  },
];
