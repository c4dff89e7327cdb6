import { stepDefinitionSchema } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import { createRegistries, parsePipeline } from "@millrace/orchestration";
import { expect, it } from "vitest";
import { tableOf, textOf } from "./documents.ts";

const rows = tableOf(textOf("docs/states.md"), ["options", "together", "why"]);
const samples: Readonly<Record<string, unknown>> = {
  approval: { approvers: 1 },
  bar: 0.5,
  instructions: "be brief",
  gating: { minRisk: 0.5 },
  consensus: { strategy: "panel", participants: ["a", "b"].map((id) => ({ id, role: "careful" })) },
};
const options = Object.keys(stepDefinitionSchema.shape).filter((option) => option !== "kind");
const pairs = options.flatMap((one, at) => options.slice(at + 1).map((other) => `\`${one}\`, \`${other}\``));

it("F:A9 every pair of options of a step has its row, and no row is of another", () => {
  expect(options).toEqual(Object.keys(samples));
  expect(rows.map(([pair]) => pair)).toEqual(pairs);
});

it.each(rows)("F:A9 a step with %s is as the table says: %s", (pair = "", together = "") => {
  const step = Object.fromEntries(
    pair
      .replaceAll("`", "")
      .split(", ")
      .map((option) => [option, samples[option]]),
  );
  const steps = [{ kind: "task-estimator" }, { kind: "coder" }, { kind: "reviewer", ...step }];
  const accepts = (): boolean => {
    try {
      parsePipeline({ id: "pl", name: "P", steps }, createRegistries());
      return true;
    } catch (error) {
      if (!isMillraceError(error, "pipeline_invalid")) throw error;
      return false;
    }
  };
  expect(accepts()).toBe(together === "yes");
});
