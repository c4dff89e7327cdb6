import { activitySchema, blockStatusSchema, notificationSchema, phaseSchema, reviewSchema } from "@millrace/contracts";
import { expect, it } from "vitest";
import { tableOf, textOf } from "./documents.ts";

const page = textOf("docs/states.md");
const runs = textOf("packages/kernel/src/store/runs.port.ts");

/** The members of `RunRecord.status`, which is a type and no schema. */
const runStatuses = [...(/readonly status: (?<union>[^;]+);/.exec(runs)?.groups?.["union"] ?? "").matchAll(/"(\w+)"/g)].flatMap(
  ([, status]) => status ?? [],
);

const moved = ["entered when", "left when", "who moves it"];

it.each([
  ["phase", ["phase", ...moved], phaseSchema.options.map(({ shape }) => shape.is.value)],
  ["status of a run", ["status", "the run is", "has a wake-up", "what moves it on"], runStatuses],
  ["activity", ["activity", ...moved], activitySchema.options.map(({ shape }) => shape.is.value)],
])("every %s has its row, and no row is of another", (_what, header, states) => {
  expect(tableOf(page, header).map(([state]) => state)).toEqual(states.map((state) => `\`${state}\``));
});

it.each([
  ["A notification", notificationSchema.shape.status.options],
  ["A block", blockStatusSchema.options],
  ["A review", reviewSchema.shape.status.options],
])("%s: every status has its row, and no row is of another", (section, states) => {
  const text = page.split("\n## ").find((part) => part.startsWith(`${section}\n`)) ?? "";
  const rows = tableOf(text, ["status", ...moved]).map(([state]) => state);
  expect(rows.toSorted()).toEqual(states.map((state) => `\`${state}\``).toSorted());
});
