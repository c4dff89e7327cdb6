import {
  activitySchema,
  blockStatusSchema,
  notificationSchema,
  phaseSchema,
  reviewSchema,
  runStatusSchema,
  stepStatusSchema,
} from "@millrace/contracts";
import { expect, it } from "vitest";
import { tableOf, textOf } from "./documents.ts";

const page = textOf("docs/states.md");
/** `Delivery.status` is a type and no schema. */
const deliveryStatuses = [
  ...(/readonly status: (?<union>[^;]+);/.exec(textOf("packages/kernel/src/store/deliveries.port.ts"))?.groups?.["union"] ?? "").matchAll(
    /\w+/g,
  ),
].map(([status]) => status);

const moved = ["entered when", "left when", "who moves it"];

it.each([
  ["phase", ["phase", ...moved], phaseSchema.options.map(({ shape }) => shape.is.value)],
  ["status of a run", ["status", "entered when", "left when", "has a wake-up", "who moves it"], runStatusSchema.options],
  ["state of a step, as it is shown", ["shown", "entered when", "left when"], stepStatusSchema.options],
  ["activity", ["activity", ...moved], activitySchema.options.map(({ shape }) => shape.is.value)],
])("every %s has its row, and no row is of another", (_what, header, states) => {
  expect(tableOf(page, header).map(([state]) => state)).toEqual(states.map((state) => `\`${state}\``));
});

it.each([
  ["A notification", notificationSchema.shape.status.options],
  ["A block", blockStatusSchema.options],
  ["A review", reviewSchema.shape.status.options],
  ["A delivery", deliveryStatuses],
])("%s: every status has its row, and no row is of another", (section, states) => {
  const text = page.split("\n## ").find((part) => part.startsWith(`${section}\n`)) ?? "";
  const rows = tableOf(text, ["status", ...moved]).map(([state = ""]) => state);
  expect(rows.toSorted()).toEqual(states.map((state) => `\`${state}\``).toSorted());
});
