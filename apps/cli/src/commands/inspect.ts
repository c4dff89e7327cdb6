import { findRun, runsOf, tasksOf } from "../board/find.js";
import { eventsOf, readRun } from "../board/read-run.js";
import { readLogs } from "../board/read-logs.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { followAll, reportRest } from "../follow/drive.js";
import { runDocument } from "../views/commands.logic.js";
import { runListLines } from "../views/list-lines.logic.js";
import { runLines } from "../views/run-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, stepNumber, type Cli, type CommonOptions } from "./command.js";

interface LogOptions extends CommonOptions {
  readonly step?: number;
}

/** Registers the commands that only read: `runs`, `show`, `watch`, `logs`. */
export function registerInspect({ program, execute }: Cli): void {
  addCommand(program, "runs", "list runs, newest first").action((options: CommonOptions) => execute(options, listRuns));
  addCommand(program, "show <run>", "show a run: steps, evidence, cost, what waits, what happened").action(
    (run: string, options: CommonOptions) => execute(options, (app) => show(app, run)),
  );
  addCommand(program, "watch <run>", "follow a run until it rests, whichever process drives it").action(
    (run: string, options: CommonOptions) => execute(options, (app) => watch(app, run)),
  );
  addCommand(program, "logs <run>", "print what agents said and did, outputs, and failing checks")
    .option("--step <number>", "only this step", stepNumber)
    .action((run: string, options: LogOptions) => execute(options, (app) => logs(app, run, options.step ?? null)));
}

async function listRuns(app: Cradle): Promise<ExitCode> {
  const { output, clock } = app;
  const board = await boardOf(app);
  const runs = await runsOf(board);
  output.document({ runs });
  if (runs.length === 0) output.line("no run yet; start one with: millrace run <task>");
  else {
    const titles = new Map((await tasksOf(board)).map((task) => [task.id, task.title]));
    output.lines(runListLines(runs, titles, clock.now()));
  }
  return EXIT.fine;
}

async function show(app: Cradle, text: string): Promise<ExitCode> {
  const { output, runtime, clock } = app;
  const board = await boardOf(app);
  const { view } = await readRun(await runtime.open(), { workspaceId: board.workspaceId, runId: await findRun(board, text) }, clock.now());
  output.document({ run: runDocument(view) });
  output.lines(runLines(view, output.colours, clock.now()));
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

async function logs(app: Cradle, text: string, step: number | null): Promise<ExitCode> {
  const { output, runtime, jobs } = app;
  const board = await boardOf(app);
  const address = { workspaceId: board.workspaceId, runId: await findRun(board, text) };
  const { execution, store, stepKinds } = await runtime.open();
  const run = await execution.get(address);
  const sections = await readLogs({ store, jobs, kinds: stepKinds, run, events: await eventsOf(store, address, 0), step });
  output.document({ runId: run.id, logs: sections });
  if (sections.length === 0) output.line(step === null ? "nothing was logged yet" : `step ${step} logged nothing yet`);
  for (const section of sections) output.lines([output.colours.bold(`=== ${section.title}`), ...section.lines, ""]);
  return EXIT.fine;
}
