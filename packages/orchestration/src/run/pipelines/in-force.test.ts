import { pipelineSchema, type Pipeline } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { builtInRegistries } from "../../spec/defaults.js";
import { builtInPipelines } from "./built-in.js";
import { pipelineInForce, pipelinesInForce } from "./in-force.js";
import { servedPipelines } from "./served.js";
import { parsePipeline } from "./shape.logic.js";

const own = (id: string): Pipeline =>
  pipelineSchema.parse({ id, name: "Own", steps: [{ kind: "ci" }, { kind: "documenter" }, { kind: "merger" }] });
const stored = (pipeline: Pipeline | undefined) => (pipeline === undefined ? null : { ...pipeline, revision: 1 });
const served = servedPipelines();
const keeping = (...kept: readonly Pipeline[]) => ({
  pipelines: {
    get: (_workspaceId: string, id: string) => Promise.resolve(stored(kept.find((pipeline) => pipeline.id === id))),
    uses: () => Promise.resolve(new Map<string, number>()),
    usedBy: () => Promise.resolve([]),
    list: () => Promise.resolve([]),
  },
});

describe("the pipelines of a workspace", () => {
  it("F:D6 are the built-in ones of this version, without being stored", async () => {
    expect(pipelinesInForce([]).map(({ id }) => id)).toEqual(builtInPipelines.map(({ id }) => id).toSorted());
    expect(await pipelineInForce(keeping(), served, "ws", "pl_full")).toEqual(builtInPipelines.find(({ id }) => id === "pl_full"));
    expect(await pipelineInForce(keeping(), served, "ws", "pl_nothing")).toBeNull();
  });

  it.each(["pl_quick", "pl_merge"])("F:D6 one of its own replaces %s in place, and is kept", async (id) => {
    const mine = own(id);
    expect(pipelinesInForce([mine]).filter((pipeline) => pipeline.id === id)).toEqual([mine]);
    expect(await pipelineInForce(keeping(mine), served, "ws", id)).toEqual(mine);
    expect(parsePipeline(mine, builtInRegistries)).toEqual(mine);
  });

  it("F:D6 what merges on demand is replaced only by a pipeline that merges", () => {
    const idle = { id: "pl_merge", name: "Idle", steps: [{ kind: "ci" }] };
    expect(() => parsePipeline(idle, builtInRegistries)).toThrow(expect.objectContaining({ code: "pipeline_invalid" }));
    expect(parsePipeline({ ...idle, id: "pl_idle" }, builtInRegistries).steps).toHaveLength(1);
  });
});
