import { InvalidArgumentError } from "commander";
import type { ServiceTesting, WorkspaceSettings } from "@millrace/contracts";
import { monthScope, type BoardService } from "@millrace/orchestration";
import { assertFound } from "@millrace/kernel";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { noteMissingCompose, withServiceTesting, type ServiceTestingOptions } from "./service-testing-option.js";
import { settingsLines } from "../views/settings-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, withActor, type Cli, type CommonOptions } from "./command.js";

interface SettingsOptions extends CommonOptions, ServiceTestingOptions {
  readonly monthly?: number | None;
  readonly perTask?: number | None;
  readonly perRun?: number | None;
  readonly taskLimit?: number | None;
  readonly urgentAfter?: number;
}

/** No limit; a null would become an empty text in commander. */
type None = "none";

const MICROS = 1_000_000;

/** Registers `settings`: budgets and limits of the board, and the infrastructure its service's tests need. */
export function registerSettings({ program, execute }: Cli): void {
  withServiceTesting(withActor(addCommand(program, "settings", "show the board's budgets, limits and test setup, or change them")))
    .option("--monthly <amount>", "what all runs may spend in a calendar month, or `none`", amount)
    .option("--per-task <amount>", "what one task may spend over all its runs, or `none`", amount)
    .option("--per-run <amount>", "what one run may spend, or `none`", amount)
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

function changed(before: WorkspaceSettings, { monthly, perTask, perRun, taskLimit, urgentAfter }: SettingsOptions): WorkspaceSettings {
  if ([monthly, perTask, perRun, taskLimit, urgentAfter].every((option) => option === undefined)) return before;
  return {
    ...before,
    budget: {
      ...before.budget,
      ...(monthly === undefined ? {} : { monthlyMicros: orNull(monthly) }),
      ...(perTask === undefined ? {} : { taskMicros: orNull(perTask) }),
      ...(perRun === undefined ? {} : { runMicros: orNull(perRun) }),
    },
    ...(taskLimit === undefined ? {} : { taskLimit: taskLimit === "none" ? { mode: "off" } : { mode: "shared", max: taskLimit } }),
    ...(urgentAfter === undefined ? {} : { escalationMinutes: urgentAfter }),
  };
}

function orNull(value: number | None): number | null {
  return value === "none" ? null : value;
}

function amount(text: string): number | None {
  if (text === "none") return text;
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return Math.round(value * MICROS);
  throw new InvalidArgumentError("an amount is a number like 25 or 2.50, or `none`.");
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
