import { boardEventSchema, type BoardEventBody } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createTestHost } from "@millrace/testing";

/** Some event of a type: a value for each field that the field takes. */
function sampleOf({ shape }: (typeof boardEventSchema.options)[number]): BoardEventBody {
  return boardEventSchema.parse(Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, valueOf(field)])));
}

function valueOf(field: z.ZodType): unknown {
  if (field instanceof z.ZodLiteral) return field.value;
  if (field instanceof z.ZodEnum) return field.options[0];
  return ["one", 1, true, null].find((value) => field.safeParse(value).success);
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
});
