import type { ServiceTesting, WorkspaceSettings } from "@millrace/contracts";
import type { SpendTotal } from "@millrace/kernel";
import { money } from "./money.logic.js";

/** Budgets, limits and the test setup, with the spending of this month. */
export function settingsLines(
  { budget, taskLimit, escalationMinutes }: WorkspaceSettings,
  testing: ServiceTesting | null,
  spent: SpendTotal,
): readonly string[] {
  const inFlight = spent.reservedMicros === 0 ? "" : `, ${money(spent.reservedMicros)} reserved for calls in flight`;
  return [
    `monthly     ${money(budget.monthlyMicros)}   (${money(spent.settledMicros)} spent this month${inFlight})`,
    `per task    ${money(budget.taskMicros)}`,
    `per run     ${money(budget.runMicros)}`,
    `reserved    ${money(budget.reserveInlineMicros)} before a call, ${money(budget.reserveJobMicros)} before a job`,
    `task limit  ${limitText(taskLimit)}${taskLimit.mode === "off" ? "" : " at a time in a service"}`,
    `urgent      what waits for you longer than ${escalationMinutes} min`,
    `tests need  ${needText(testing)}`,
  ];
}

/** What the tests of a service need, as `config set tests.need` takes it. */
export function needText(testing: ServiceTesting | null): string {
  if (testing === null) return "unset";
  return testing.noInfrastructure ? "nothing" : (testing.composePath ?? "unset");
}

/** Caps on spending, on one line. */
export function budgetLine({ monthlyMicros, taskMicros, runMicros }: WorkspaceSettings["budget"]): string {
  const caps = [
    ["a month", monthlyMicros],
    ["a task", taskMicros],
    ["a run", runMicros],
  ] as const;
  const set = caps.flatMap(([of, micros]) => (micros === null ? [] : [`${money(micros)} ${of}`]));
  return set.length === 0 ? "none: set one with: millrace config set budget.month 25" : set.join(", ");
}

/** A task limit, as `config set limit.tasks` takes it. */
export function limitText(limit: WorkspaceSettings["taskLimit"]): string {
  switch (limit.mode) {
    case "off":
      return "none";
    case "shared":
      return String(limit.shared);
    case "per-type": {
      const types = Object.entries(limit.perType).map(([type, max]) => `${type}=${max}`);
      return types.length === 0 ? "none" : types.join(",");
    }
  }
}
