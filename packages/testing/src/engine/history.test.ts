import { readdirSync, readFileSync } from "node:fs";
import { builtInAgentKinds, createAgentKinds } from "@millrace/agents";
import { runEventRecordSchema, runSchema } from "@millrace/contracts";
import {
  builtInGates,
  builtInStepKinds,
  createStepKinds,
  due,
  fromRecord,
  replay,
  toRecord,
  type Registries,
} from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const registries: Registries = { kinds: createAgentKinds(builtInAgentKinds), stepKinds: createStepKinds(builtInStepKinds(builtInGates)) };
const root = new URL("../../fixtures/histories/", import.meta.url);
const fixtureSchema = z.object({ events: z.array(z.unknown()).min(1), run: z.unknown() });

/** One recorded history per file, a folder per release. They are never rewritten: a release that cannot read them is broken. */
const histories = readdirSync(root).flatMap((release) =>
  readdirSync(new URL(`${release}/`, root)).map((file) => ({ name: `${release}/${file}`, url: new URL(`${release}/${file}`, root) })),
);

describe("P13: histories recorded by every release", () => {
  it("are there", () => {
    expect(histories.length).toBeGreaterThanOrEqual(3);
  });

  it.each(histories)("$name reads, folds to the run it was stored with, and says what is due", ({ url }) => {
    const fixture = fixtureSchema.parse(JSON.parse(readFileSync(url, "utf8")));
    const stored = runSchema.parse(fixture.run);
    const run = replay(
      fixture.events.map((event) => runEventRecordSchema.parse(event)),
      registries,
    );
    expect(run).toEqual(stored);
    expect(due(stored).is).toMatch(/^(effect|poll|stop|rest)$/);
    expect(fromRecord(toRecord(stored, 1))).toEqual(stored);
  });

  it("a run of a newer shape is refused, not half-understood", () => {
    const fixture = fixtureSchema.parse(JSON.parse(readFileSync(histories[0]?.url ?? root, "utf8")));
    const record = toRecord(runSchema.parse(fixture.run), 1);
    expect(() => fromRecord({ ...record, shapeVersion: record.shapeVersion + 1 })).toThrowError(
      expect.objectContaining({ code: "stored_shape_newer" }),
    );
    expect(() => fromRecord({ ...record, document: { ...record.document, steps: [] } })).toThrowError(
      expect.objectContaining({ code: "stored_shape_invalid" }),
    );
  });
});
