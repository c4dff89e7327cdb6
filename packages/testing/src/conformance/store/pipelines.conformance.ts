import { expect } from "vitest";
import { WS, aPipeline, boardOf } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

export const pipelineCases: readonly StoreCase[] = [
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
];
