import { expect, it } from "vitest";
import { taskFieldsText } from "./task-fields.logic.js";

it("BRD-06 what a task says beside its description is a line each, its steps last", () => {
  expect(taskFieldsText({})).toBe("");
  expect(taskFieldsText({ stepsToReproduce: "Open it.\nLook.", severity: "high" })).toBe(
    "Severity: high\nSteps to reproduce:\nOpen it.\nLook.",
  );
  expect(taskFieldsText({ timeboxHours: 8 })).toBe("Time box: 8 hours");
  expect(taskFieldsText({ docKind: "rfc" })).toBe("Kind of document: rfc");
});
