import { costsOf } from "../board/costs.js";
import { boardOfService, findRun, runsOf, tasksOf } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { followAll, reportRest } from "../follow/drive.js";
import { runDocument } from "../views/commands.logic.js";
import { runListLines } from "../views/list-lines.logic.js";
import { runLines } from "../views/run-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { money } from "../views/money.logic.js";
import { filterRuns, withRunFilters, type ListFilters } from "./list-filters.js";
import { addCommand, boardOf, withQuiet, type Cli, type CommonOptions } from "./command.js";

interface RunsOptions extends CommonOptions, ListFilters {}

/** Registers the commands that only read: `runs`, `show`, `watch`. */
export function registerInspect({ program, execute }: Cli): void {
  withRunFilters(withQuiet(addCommand(program, "runs", "list runs, newest first"))).action((options: RunsOptions) =>
    execute(options, (app) => listRuns(app, options)),
  );
  addCommand(program, "show <run>", "show a run: steps, evidence, cost, what waits, what happened").action(
    (run: string, options: CommonOptions) => execute(options, (app) => show(app, run)),
  );
  addCommand(program, "watch <run>", "follow a run until it rests, whichever process drives it").action(
    (run: string, options: CommonOptions) => execute(options, (app) => watch(app, run)),
  );
}

async function listRuns(app: Cradle, options: RunsOptions): Promise<ExitCode> {
  const { output, clock } = app;
  const board = await boardOfService(await boardOf(app), options.service);
  const tasks = new Map((await tasksOf(board)).map((task) => [task.id, task]));
  const all = await runsOf(board);
  const runs = filterRuns(all, tasks, options);
  output.document({ runs });
  for (const { id } of runs) output.id(id);
  if (all.length === 0) output.line("no run yet; start one with: millrace run <task>");
  else if (runs.length === 0) output.line("no run is like that; see all of them with: millrace runs");
  else output.lines(runListLines(runs, new Map([...tasks].map(([id, { title }]) => [id, title])), clock.now()));
  return EXIT.fine;
}

async function show(app: Cradle, text: string): Promise<ExitCode> {
  const { output, runtime, clock, jobs } = app;
  const board = await boardOf(app);
  const { view } = await (await runtime.open()).runs.view({ workspaceId: board.workspaceId, runId: await findRun(board, text) });
  const total = (await costsOf(board, [view.task])).get(view.task.id);
  const sandboxes = await jobs.sandboxesOf(view.id);
  output.document({ run: runDocument(view), task: { id: view.task.id, spent: total }, sandboxes });
  output.lines(runLines(view, { sandboxes, now: clock.now() }, output.colours));
  if (total !== undefined && total.settledMicros > 0)
    output.lines(["", `the task has cost ${money(total.settledMicros)} over all its runs`]);
  return EXIT.fine;
}

async function watch(app: Cradle, text: string): Promise<ExitCode> {
  const { io, output } = app;
  const board = await boardOf(app);
  const address = { workspaceId: board.workspaceId, runId: await findRun(board, text) };
  const stop = new AbortController();
  const forget = io.onInterrupt(() => stop.abort());
  try {
    const runs = await followAll(app, [{ address, seen: 0 }], stop.signal);
    if (!stop.signal.aborted) return await reportRest(app, runs);
    output.note("no longer watching; the run is not affected");
    return EXIT.interrupted;
  } finally {
    forget();
  }
}
