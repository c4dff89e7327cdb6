import { boardEventSchema, type BoardEventBody } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { createRecordingChannel, createTestHost } from "@millrace/testing";

const blockId = "blk_1";
const notification = { notificationId: "run_1.0.1.1", notificationType: "approval_required", blockId, runId: "run_1" };
const samples: { readonly [Type in BoardEventBody["type"]]: Extract<BoardEventBody, { type: Type }> } = {
  "workspace-created": { type: "workspace-created", name: "shop" },
  "settings-changed": { type: "settings-changed" },
  "block-added": { type: "block-added", blockId, level: "task", title: "Sort the list" },
  "block-moved": { type: "block-moved", blockId, parentId: "blk_2" },
  "service-changed": { type: "service-changed", blockId },
  "blueprint-reconciled": { type: "blueprint-reconciled", blockId, modulesAdded: 2 },
  "specification-updated": { type: "specification-updated", blockId },
  "notification-raised": { type: "notification-raised", ...notification, severity: "normal", title: "Sort the list: waiting for you" },
  "notification-escalated": { type: "notification-escalated", ...notification },
  "notification-resolved": { type: "notification-resolved", ...notification, as: "acted" },
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

  it("bring one sweep for each channel, and refuse two channels of one name", async () => {
    const hostWith = (...names: readonly string[]) =>
      createTestHost({ pipeline: { steps: [{ kind: "researcher" }] }, channels: names.map((name) => createRecordingChannel({ name })) });
    const { sweeps } = await hostWith("chat", "mail");
    expect(sweeps.map(({ name }) => name)).toEqual(["notifications.escalate", "notifications.deliver.chat", "notifications.deliver.mail"]);
    await expect(hostWith("chat", "chat")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("deliver.chat"),
    });
  });
});
