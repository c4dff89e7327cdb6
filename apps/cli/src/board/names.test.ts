import { describe, expect, it } from "vitest";
import { slugOf, taskNamed } from "./names.logic.js";

const tasks = [
  { id: "blk_3f2a", title: "Reject negative amounts" },
  { id: "blk_3f9c", title: "Reject" },
  { id: "blk_77aa", title: "Größere Rabatte!" },
  { id: "blk_80bb", title: "Reject old orders" },
];

describe("F:E9 a task is named", () => {
  it.each([
    ["blk_3f2a", "blk_3f2a"],
    ["blk_77", "blk_77aa"],
    ["3f9", "blk_3f9c"],
    ["reject-negative", "blk_3f2a"],
    ["Reject negative", "blk_3f2a"],
    ["reject", "blk_3f9c"],
    ["großere-rab", "blk_77aa"],
  ])("'%s': %s", (text, id) => {
    expect(taskNamed(text, tasks).id).toBe(id);
  });

  it.each([
    ["3f", /'3f' is the name of 2 tasks: blk_3f2a \(Reject negative amounts\), blk_3f9c \(Reject\)/],
    ["rej", /of 3 tasks/],
  ])("'%s' is ambiguous, and the candidates are listed", (text, message) => {
    expect(() => taskNamed(text, tasks)).toThrow(
      expect.objectContaining({ code: "validation", message: expect.stringMatching(message) as string }) as Error,
    );
  });

  it("never by nothing, and by no other letters", () => {
    expect(() => taskNamed("grossere", tasks)).toThrow(expect.objectContaining({ code: "not_found" }) as Error);
    expect(() => taskNamed("", tasks)).toThrow(expect.objectContaining({ code: "not_found" }) as Error);
    expect(() => taskNamed("--", tasks)).toThrow(expect.objectContaining({ code: "not_found" }) as Error);
    expect(slugOf("  A/B: c ")).toBe("a-b-c");
  });
});
