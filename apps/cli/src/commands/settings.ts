import { InvalidArgumentError } from "commander";
import type { ServiceTesting, WorkspaceSettings } from "@millrace/contracts";
import { monthScope, type BoardService } from "@millrace/orchestration";
import { assertFound } from "@millrace/kernel";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { budgetWith, setsBudget, withBudget, type BudgetOptions, type None } from "./budget-options.js";
import { noteMissingCompose, withServiceTesting, type ServiceTestingOptions } from "./service-testing-option.js";
import { settingsLines } from "../views/settings-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, withActor, type Cli, type CommonOptions } from "./command.js";

interface SettingsOptions extends CommonOptions, ServiceTestingOptions, BudgetOptions {
  readonly taskLimit?: number | None;
  readonly urgentAfter?: number;
}

/** Registers `settings`: budgets and limits of the board, and the infrastructure its service's tests need. */
export function registerSettings({ program, execute }: Cli): void {
  withBudget(
    withServiceTesting(withActor(addCommand(program, "settings", "show the board's budgets, limits and test setup, or change them"))),
  )
    .option("--task-limit <count>", "how many tasks of a service may run at a time, or `none`", count)
    .option("--urgent-after <minutes>", "after how many minutes what waits for you becomes urgent", minutes)
    .action((options: SettingsOptions) => execute(options, (app) => settings(app, options)));
}

async function settings(app: Cradle, options: SettingsOptions): Promise<ExitCode> {
  const { output, runtime, actor, clock } = app;
  const { store, workspaceId } = await boardOf(app);
  const { settings: before } = assertFound(await store.workspaces.get(workspaceId), "workspace", workspaceId);
  const wanted = changed(before, options);
  const { board } = await runtime.open();
  const now = wanted === before ? before : await board.putSettings({ workspaceId, input: wanted, actor });
  const testing = await testingNow(app, board, options.testsNeed);
  const spent = await store.spend.total(workspaceId, monthScope(clock.now()));
  output.document({ settings: now, testing, spent });
  output.lines(settingsLines(now, testing, spent));
  if (wanted !== before) output.note("paused runs are taken up with: millrace resume <run>");
  return EXIT.fine;
}

async function testingNow(app: Cradle, board: BoardService, testsNeed: ServiceTestingOptions["testsNeed"]): Promise<ServiceTesting | null> {
  const { store, workspaceId, serviceId } = await boardOf(app);
  if (testsNeed === undefined) return assertFound(await store.blocks.get(workspaceId, serviceId), "service", serviceId).testing;
  const { testing } = await board.putTesting({
    workspaceId,
    serviceId,
    input: testsNeed === "unset" ? null : testsNeed,
    actor: app.actor,
  });
  noteMissingCompose(app.output, app.project.root, testing);
  return testing;
}

function changed(before: WorkspaceSettings, options: SettingsOptions): WorkspaceSettings {
  const { taskLimit, urgentAfter } = options;
  if (!setsBudget(options) && taskLimit === undefined && urgentAfter === undefined) return before;
  return {
    ...before,
    budget: budgetWith(before.budget, options),
    ...(taskLimit === undefined ? {} : { taskLimit: taskLimit === "none" ? { mode: "off" } : { mode: "shared", max: taskLimit } }),
    ...(urgentAfter === undefined ? {} : { escalationMinutes: urgentAfter }),
  };
}

function minutes(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new InvalidArgumentError("minutes are a whole number from 1 to 100000.");
}

function count(text: string): number | None {
  if (text === "none") return text;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new InvalidArgumentError("a limit is a whole number from 1 to 1000, or `none`.");
}
