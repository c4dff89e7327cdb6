import { InvalidArgumentError } from "commander";
import type { RunAddress } from "@millrace/orchestration";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { checkAgent } from "../follow/drive.js";
import { workLine } from "../views/work-line.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, type Cli, type CommonOptions } from "./command.js";

interface WorkOptions extends CommonOptions {
  readonly concurrency: number;
}

export function registerWork({ program, execute }: Cli): void {
  addCommand(program, "work", "drive whatever is due until you stop it; start as many as you like on one database")
    .option("--agent <agent>", "claude, codex, gemini, opencode, or the command line of an ACP agent")
    .option("--concurrency <runs>", "runs driven at a time", runs, 4)
    .action((options: WorkOptions) => execute(options, (app) => work(app, options)));
}

const MAX_CONCURRENCY = 100;

function runs(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_CONCURRENCY) return value;
  throw new InvalidArgumentError(`it is a whole number from 1 to ${MAX_CONCURRENCY}.`);
}

/** Drives runs until an interrupt. Then no further run is taken up, and the current ones come to a commit; a second interrupt leaves at once. */
async function work(app: Cradle, { concurrency }: WorkOptions): Promise<ExitCode> {
  const { io, output, runtime } = app;
  const stop = new AbortController();
  const forget = io.onInterrupt(() => {
    if (stop.signal.aborted || runtime.isOpening()) io.exit(EXIT.interrupted);
    stop.abort();
    output.note("stopping: finishing what is being written; agents at work go on (again to leave at once)");
  });
  try {
    await checkAgent(app, stop.signal);
    const host = await runtime.open();
    const driver = await host.startDriver({ concurrency, onMoved: (run) => void reportMove(app, run) });
    output.document({ type: "working", database: host.databaseName, concurrency, pid: process.pid });
    output.line(`working on ${host.databaseName}, ${concurrency} runs at a time, as process ${process.pid}; stop with Ctrl-C`);
    await aborted(stop.signal);
    await driver.stop();
    output.line("stopped; every run was given back");
    return EXIT.fine;
  } finally {
    forget();
  }
}

/** Prints one line for a run that moved; none for a run that cannot be read any more. */
async function reportMove({ output, runtime }: Cradle, run: RunAddress): Promise<void> {
  const host = await runtime.open();
  const read = await host.runs.view(run).catch(() => null);
  if (read === null) return;
  const { id, status, steps } = read.view;
  output.document({ type: "moved", runId: id, status, done: steps.filter(({ state }) => state === "done").length, steps: steps.length });
  output.line(workLine(read.view, new Date(), output.colours));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
