import { describe, expect, test } from "vitest";
import { chooseTurn, sampleScriptSchema } from "./script.schema.js";

const script = sampleScriptSchema.parse({
  turns: [
    { kind: "coder", attempt: 1, say: "again" },
    { kind: "coder", attempt: 0, effect: 2, say: "second look" },
    { kind: "coder", attempt: 0, effect: 1, say: "first" },
    { kind: "tester", say: "tested" },
  ],
});

describe("chooseTurn", () => {
  test.each([
    ["coder", 0, 1, "first"],
    ["coder", 0, 2, "second look"],
    ["coder", 1, 7, "again"],
    ["coder", 9, 9, "first"],
    ["tester", 3, 3, "tested"],
  ])("%s, attempt %i, effect %i", (kind, attempt, effect, say) => {
    expect(chooseTurn(script, { kind, attempt, effect })?.say).toBe(say);
  });

  test("a kind the script does not know has no turn", () => {
    expect(chooseTurn(script, { kind: "merger", attempt: 0, effect: 1 })).toBeNull();
  });

  test("a script with an unknown action is refused", () => {
    expect(sampleScriptSchema.safeParse({ turns: [{ kind: "coder", say: "", actions: [{ explode: true }] }] }).success).toBe(false);
  });
});
