import { boardEventSchema, type BoardEventBody } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { createTestHost } from "@millrace/testing";

const blockId = "blk_1";
const samples: { readonly [Type in BoardEventBody["type"]]: Extract<BoardEventBody, { type: Type }> } = {
  "workspace-created": { type: "workspace-created", name: "shop" },
  "settings-changed": { type: "settings-changed" },
  "block-added": { type: "block-added", blockId, level: "task", title: "Sort the list" },
  "block-moved": { type: "block-moved", blockId, parentId: "blk_2" },
  "service-changed": { type: "service-changed", blockId },
  "blueprint-reconciled": { type: "blueprint-reconciled", blockId, modulesAdded: 2 },
  "specification-updated": { type: "specification-updated", blockId },
  "finding-answered": { type: "finding-answered", blockId, reviewId: "rev_1", findingId: "fnd_1", status: "resolved" },
};

describe("the modules of an engine", () => {
  it.each(boardEventSchema.options.map(({ shape }) => shape.type.value))("own and describe the event %s", async (type) => {
    const { describeBoardEvent } = await createTestHost({ pipeline: { steps: [{ kind: "researcher" }] } });
    // An event that no module owns is described by its bare type.
    expect(describeBoardEvent(samples[type])).not.toBe(type);
  });

  it("bring the sweeps that drivers run", async () => {
    const { sweeps } = await createTestHost({ pipeline: { steps: [{ kind: "researcher" }] } });
    expect(sweeps.map(({ name }) => name)).toEqual(["notifications.escalate"]);
  });
});
