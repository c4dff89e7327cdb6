import type { ServiceTesting, WorkspaceSettings } from "@millrace/contracts";
import type { SpendTotal } from "@millrace/kernel";

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
    `task limit  ${limitOf(taskLimit)}`,
    `urgent      what waits for you longer than ${escalationMinutes} min`,
    `tests need  ${needOf(testing)}`,
  ];
}

function needOf(testing: ServiceTesting | null): string {
  if (testing === null) return "not stated";
  return testing.noInfrastructure ? "nothing but the code" : (testing.composePath ?? "not stated");
}

/** An amount with its currency, that of the price list; `none` for no cap. */
function money(micros: number | null): string {
  return micros === null ? "none" : `$${(micros / 1_000_000).toFixed(2)}`;
}

/** Caps on spending, on one line. */
export function budgetLine({ monthlyMicros, taskMicros, runMicros }: WorkspaceSettings["budget"]): string {
  const caps = [
    ["a month", monthlyMicros],
    ["a task", taskMicros],
    ["a run", runMicros],
  ] as const;
  const set = caps.flatMap(([of, micros]) => (micros === null ? [] : [`${money(micros)} ${of}`]));
  return set.length === 0 ? "none: set one with: millrace settings --monthly <amount in US dollars>" : set.join(", ");
}

function limitOf(limit: WorkspaceSettings["taskLimit"]): string {
  switch (limit.mode) {
    case "off":
      return "none";
    case "shared":
      return `${limit.max} at a time in a service`;
    case "per-type": {
      const types = Object.entries(limit.max).map(([type, max]) => `${max} ${type}`);
      return types.length === 0 ? "none" : `${types.join(", ")} at a time in a service`;
    }
  }
}
