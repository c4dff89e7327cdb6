import { readdirSync, readFileSync } from "node:fs";
import { runEventRecordSchema, runSchema, type Run } from "@millrace/contracts";
import { createRegistries, due, fromRecord, replay, toRecord, type Registries } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const registries: Registries = createRegistries();
const root = new URL("../../fixtures/histories/", import.meta.url);
function refusalOf(read: () => unknown): Error {
  try {
    read();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it was not refused");
}

const fixtureSchema = z.object({ events: z.array(z.unknown()).min(1), run: z.unknown() });

/** One recorded history for each file, one folder for each release. They are never rewritten: every later release must read them. */
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
  });

  it.each([
    ["a field too many", (run: Run) => ({ ...run, extra: 1 }), "(the whole of it)"],
    ["a field too few", ({ steps: _steps, ...run }: Run) => run, "steps"],
    ["no steps", (run: Run) => ({ ...run, steps: [] }), "steps"],
    ["a value of another type", (run: Run) => ({ ...run, initiatedBy: { ...run.initiatedBy, id: ["hunter2"] } }), "initiatedBy.id"],
    ["nothing at all", () => null, "(the whole of it)"],
  ])("a run with %s is refused: the error names the run and the place, never the value", (_what, damage, place) => {
    const fixture = fixtureSchema.parse(JSON.parse(readFileSync(histories[0]?.url ?? root, "utf8")));
    const run = runSchema.parse(fixture.run);
    const error = refusalOf(() => fromRecord({ ...toRecord(run, 1), document: damage(run) }));
    expect(error).toMatchObject({ code: "stored_shape_invalid", fix: expect.any(String) });
    expect(error.message).toContain(run.id);
    expect(error.message).toContain(place);
    expect(JSON.stringify([error, error.message])).not.toContain("hunter2");
  });
});
