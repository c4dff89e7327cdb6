import { monthScope } from "@millrace/orchestration";
import { assertFound } from "@millrace/kernel";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { settingsLines } from "../views/settings-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, type Cli, type CommonOptions } from "./command.js";

/** Registers `settings`: budgets with what is spent, limits, and the infrastructure the service's tests need. `config set` changes them. */
export function registerSettings({ program, execute }: Cli): void {
  addCommand(
    program,
    "settings",
    "show the board's budgets, what is spent, its limits and its test setup (change them: millrace config set)",
  ).action((options: CommonOptions) => execute(options, settings));
}

async function settings(app: Cradle): Promise<ExitCode> {
  const { output, clock } = app;
  const { store, workspaceId, serviceId } = await boardOf(app);
  const { settings: now } = assertFound(await store.workspaces.get(workspaceId), "workspace", workspaceId);
  const { testing } = assertFound(await store.blocks.get(workspaceId, serviceId), "service", serviceId);
  const spent = await store.spend.total(workspaceId, monthScope(clock.now()));
  output.document({ settings: now, testing, spent });
  output.lines(settingsLines(now, testing, spent));
  return EXIT.fine;
}
