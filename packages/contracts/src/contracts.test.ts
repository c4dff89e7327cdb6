import { describe, expect, it } from "vitest";
import { addTaskSchema, checkPolicySchema, errorCodeSchema, idSchema, pipelineSchema } from "./index.js";

describe("contracts", () => {
  it("apply their defaults", () => {
    expect(pipelineSchema.parse({ id: "pl", name: " P ", steps: [{ kind: "coder" }] })).toEqual({
      id: "pl",
      name: "P",
      steps: [{ kind: "coder", approval: null, bar: null, instructions: null, gating: null, consensus: null, enabled: true }],
    });
    expect(checkPolicySchema.parse({})).toEqual({ ci: "required", requiredChecks: [] });
  });

  it.each(["", "../x", "a/b", "a b", `x${"y".repeat(64)}`, "-x"])("refuse %j as an id: ids become paths and refs", (id) => {
    expect(idSchema.safeParse(id).success).toBe(false);
  });

  it("refuse unknown keys, empty titles and unknown kinds of names", () => {
    expect(pipelineSchema.safeParse({ id: "pl", name: "P", steps: [{ kind: "coder", approve: true }] }).success).toBe(false);
    expect(pipelineSchema.safeParse({ id: "pl", name: "P", steps: [{ kind: "Coder!" }] }).success).toBe(false);
    expect(addTaskSchema.safeParse({ title: "  " }).success).toBe(false);
  });

  it("have every error code once", () => {
    expect(new Set(errorCodeSchema.options).size).toBe(errorCodeSchema.options.length);
  });
});
