import { boardEventSchema, type BoardEventBody } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { answerFor } from "../simulator/answer.logic.js";
import { createRandom } from "../simulator/random.logic.js";
import { createRecordingChannel, createTestHost } from "@millrace/testing";

/** Some event of a type, whatever its fields are. */
function sampleOf(schema: (typeof boardEventSchema.options)[number]): BoardEventBody {
  return boardEventSchema.parse(answerFor(z.json().parse(z.toJSONSchema(schema)), createRandom(1)));
}

describe("the modules of an engine", () => {
  it.each(boardEventSchema.options.map(sampleOf))("own and describe the event $type", async (event) => {
    const host = await createTestHost({ pipeline: { steps: [{ kind: "researcher" }] } });
    // An event that no module owns is described by its bare type.
    expect(host.describeBoardEvent(event)).not.toBe(event.type);
  });

  it("bring the sweeps that drivers run", async () => {
    const { sweeps } = await createTestHost({ pipeline: { steps: [{ kind: "researcher" }] } });
    expect(sweeps.map(({ name }) => name)).toContain("notifications.escalate");
  });

  it("bring one sweep for each channel, and refuse two channels of one name", async () => {
    const hostWith = (...names: readonly string[]) =>
      createTestHost({ pipeline: { steps: [{ kind: "researcher" }] }, channels: names.map((name) => createRecordingChannel({ name })) });
    const { sweeps } = await hostWith("chat", "mail");
    const names = sweeps.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("notifications."))).toEqual([
      "notifications.escalate",
      "notifications.deliver.chat",
      "notifications.deliver.mail",
    ]);
    await expect(hostWith("chat", "chat")).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("deliver.chat"),
    });
  });
});
