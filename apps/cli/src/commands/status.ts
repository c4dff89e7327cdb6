import { assertFound } from "@millrace/kernel";
import { monthScope } from "@millrace/orchestration";
import { runsOf, tasksOf } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { isMovable } from "../follow/drive.js";
import { runDocument } from "../views/commands.logic.js";
import { statusLines } from "../views/status-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, type Cli, type CommonOptions } from "./command.js";

/** Registers `status`: the board on one screen. */
export function registerStatus({ program, execute }: Cli): void {
  addCommand(program, "status", "show the board on one screen: what runs, what waits for you, what is next, what is spent").action(
    (options: CommonOptions) => execute(options, status),
  );
}

async function status(app: Cradle): Promise<ExitCode> {
  const { output, runtime, clock } = app;
  const board = await boardOf(app);
  const { store, workspaceId } = board;
  const host = await runtime.open();
  const now = clock.now();
  const live = await runsOf(board, { live: true });
  const views = await Promise.all(live.map(async ({ id }) => (await host.runs.view({ workspaceId, runId: id })).view));
  const tasks = await tasksOf(board);
  const busy = new Set(live.map(({ blockId }) => blockId));
  const shown = {
    running: views.filter((view) => isMovable(view.status)),
    waiting: views.filter((view) => !isMovable(view.status)),
    unmerged: tasks.filter((task) => task.status === "pr_ready" && !busy.has(task.id)),
    next: tasks.filter((task) => (task.status === "planned" || task.status === "ready") && task.merged === null && !busy.has(task.id)),
    spent: await store.spend.total(workspaceId, monthScope(now)),
    budget: assertFound(await store.workspaces.get(workspaceId), "workspace", workspaceId).settings.budget,
  };
  output.document({ ...shown, running: shown.running.map(runDocument), waiting: shown.waiting.map(runDocument) });
  output.lines(statusLines(shown, output.colours, now));
  return EXIT.fine;
}
