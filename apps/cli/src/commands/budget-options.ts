import type { Budget } from "@millrace/contracts";
import { InvalidArgumentError, type Command } from "commander";
import { amountOf } from "../views/money.logic.js";

/** No limit; a null would become an empty text in commander. */
export type None = "none";

/** Caps on spending as they are given on the command line, in millionths of a US dollar. */
export interface BudgetOptions {
  readonly monthly?: number | None;
  readonly perTask?: number | None;
  readonly perRun?: number | None;
}

/** Adds the caps on spending. Amounts are in the currency of the price list, US dollars. */
export function withBudget(command: Command): Command {
  return command
    .option("--monthly <amount>", "what all runs may spend in a calendar month, in US dollars, or `none`", amount)
    .option("--per-task <amount>", "what one task may spend over all its runs, in US dollars, or `none`", amount)
    .option("--per-run <amount>", "what one run may spend, in US dollars, or `none`", amount);
}

export function setsBudget({ monthly, perTask, perRun }: BudgetOptions): boolean {
  return [monthly, perTask, perRun].some((option) => option !== undefined);
}

/** The budget with the given caps; those that are not given stay. */
export function budgetWith(before: Budget, { monthly, perTask, perRun }: BudgetOptions): Budget {
  return {
    ...before,
    ...(monthly === undefined ? {} : { monthlyMicros: orNull(monthly) }),
    ...(perTask === undefined ? {} : { taskMicros: orNull(perTask) }),
    ...(perRun === undefined ? {} : { runMicros: orNull(perRun) }),
  };
}

function orNull(value: number | None): number | null {
  return value === "none" ? null : value;
}

function amount(text: string): number | None {
  const micros = amountOf(text);
  if (micros !== undefined) return micros ?? "none";
  throw new InvalidArgumentError("an amount is a number like 25 or 2.50, or `none`.");
}
