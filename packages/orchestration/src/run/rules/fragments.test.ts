import { fragmentSchema } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { builtInRegistries } from "../../spec/defaults.js";
import { foldedRecord, foldFragments, layFragments } from "./fragments.logic.js";

const fragment = (id: string, body = "Write tests.", version = 1) =>
  fragmentSchema.parse({ id, version, title: id, summary: "short", body });
const { kinds } = builtInRegistries;

describe("fragments of three tiers", () => {
  it("FRG-06 override each other by id, and what a tier hides is gone unless it has its own", () => {
    const laid = layFragments([
      { tier: "built-in", fragments: [fragment("a"), fragment("b"), fragment("c")], hidden: [] },
      { tier: "account", fragments: [fragment("b", "Ours.", 4), fragment("d")], hidden: ["a"] },
      { tier: "workspace", fragments: [fragment("c", "Mine.", 2)], hidden: ["c", "d"] },
    ]);
    expect([...laid.values()].map(({ id, tier, version }) => [id, tier, version])).toEqual([
      ["b", "account", 4],
      ["c", "workspace", 2],
    ]);
  });
});

describe("guidance in a prompt", () => {
  const fragments = layFragments([
    { tier: "workspace", fragments: [fragment("of-service"), fragment("of-block", "Mine.", 3)], hidden: [] },
  ]);
  const input = { block: { fragmentIds: ["of-block", "gone"] }, service: { fragmentIds: ["of-service", "of-block"] }, kinds, fragments };

  it.each(["coder", "ci-fixer", "fixer", "on-call"])(
    "FRG-11 of %s, which works on code, is the service's and the block's, helpers too",
    (kind) => {
      expect(foldedRecord(input, kind)).toEqual({
        used: [
          { id: "of-service", version: 1, tier: "workspace" },
          { id: "of-block", version: 3, tier: "workspace" },
        ],
        leftOut: ["gone"],
      });
    },
  );

  it("FRG-11 of other kinds is the block's, and is not recorded where none is named", () => {
    expect(foldedRecord(input, "researcher")).toMatchObject({ used: [{ id: "of-block" }], leftOut: ["gone"] });
    expect(foldedRecord({ ...input, block: { fragmentIds: [] } }, "researcher")).toBeNull();
    expect(foldedRecord({ ...input, block: { fragmentIds: [] }, service: null }, "coder")).toBeNull();
  });

  it("FRG-11 has at most 60,000 characters; what does not fit is named, and a shorter one behind it still goes in", () => {
    const long = ["a", "b", "c", "d"].map((id) => fragment(id, "x".repeat(20_000)));
    const laid = layFragments([{ tier: "account", fragments: [...long, fragment("e", "short")], hidden: [] }]);
    const exact = { kinds, service: null, fragments: laid };
    expect(foldFragments({ ...exact, block: { fragmentIds: ["a", "b", "c", "d"] } }, "coder").leftOut).toEqual(["d"]);
    const full = foldFragments({ ...exact, block: { fragmentIds: ["a", "b", "e", "c"] } }, "coder");
    expect([full.used.map(({ id }) => id), full.leftOut]).toEqual([["a", "b", "e"], ["c"]]);
  });
});
