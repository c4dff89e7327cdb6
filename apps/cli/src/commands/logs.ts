import { setTimeout as delay } from "node:timers/promises";
import { isMillraceError, type Store } from "@millrace/kernel";
import { isAtRest, type RunAddress } from "@millrace/orchestration";
import { findRun, findTask, type Board } from "../board/find.js";
import { readLogs, type LogSection } from "../board/read-logs.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, stepNumber, type Cli, type CommonOptions } from "./command.js";

interface LogOptions extends CommonOptions {
  readonly step?: number;
  readonly follow?: boolean;
}

/** Registers `logs`: of one run, or of all runs of a task, one after the other. */
export function registerLogs({ program, execute }: Cli): void {
  addCommand(
    program,
    "logs <run>",
    "print what agents said and did, outputs, and failing checks; of a task: over all its runs and attempts",
  )
    .option("--step <number>", "only this step", stepNumber)
    .option("-f, --follow", "go on printing until the run rests")
    .action((run: string, options: LogOptions) => execute(options, (app) => logs(app, run, options)));
}

async function logs(app: Cradle, text: string, options: LogOptions): Promise<ExitCode> {
  const { io, output } = app;
  const board = await boardOf(app);
  const runIds = await runsNamed(board, text);
  const printer = createPrinter(app, { names: runIds.length > 1, streams: options.follow === true });
  const step = options.step ?? null;
  const last = runIds.at(-1);
  const documents = [];
  for (const runId of runIds) {
    const sections = await printer.print({ workspaceId: board.workspaceId, runId }, { step, skipsMissingStep: runIds.length > 1 });
    documents.push({ runId, logs: sections });
  }
  if (options.follow === true && last !== undefined) {
    const stop = new AbortController();
    const forget = io.onInterrupt(() => stop.abort());
    try {
      await follow(
        app,
        { workspaceId: board.workspaceId, runId: last },
        (address) => printer.print(address, { step, skipsMissingStep: true }),
        stop.signal,
      );
    } finally {
      forget();
    }
    if (stop.signal.aborted) return EXIT.interrupted;
    return EXIT.fine;
  }
  const [only] = documents;
  output.document(documents.length === 1 && only !== undefined ? only : { runs: documents });
  if (documents.every(({ logs: sections }) => sections.length === 0))
    output.line(step === null ? "nothing was logged yet" : `step ${step} logged nothing yet`);
  return EXIT.fine;
}

/** Ids of the runs that a name stands for, oldest first: a task stands for all of its runs, anything else for one. */
async function runsNamed(board: Board, text: string): Promise<readonly string[]> {
  const task = text === "last" ? null : await taskOrNull(board, text);
  if (task === null) return [await findRun(board, text)];
  const runs = await allRuns(board.store, board.workspaceId, task.id);
  return runs.length === 0 ? [await findRun(board, text)] : runs;
}

async function taskOrNull(board: Board, text: string) {
  try {
    return await findTask(board, text);
  } catch (error) {
    if (isMillraceError(error, "not_found")) return null;
    throw error;
  }
}

const PAGE = 200;

async function allRuns(store: Store, workspaceId: string, blockId: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await store.runs.list(workspaceId, { blockId }, { limit: PAGE, ...(ids.length === 0 ? {} : { after: ids.at(-1) }) });
    ids.push(...page.map(({ id }) => id));
    if (page.length < PAGE) return ids.toReversed();
  }
}

/** Printer of the sections of runs; what was printed once is not printed again, and a transcript that grew goes on where it was. */
interface Printer {
  print(address: RunAddress, options: { readonly step: number | null; readonly skipsMissingStep: boolean }): Promise<readonly LogSection[]>;
}

function createPrinter(
  { output, jobs, runtime }: Cradle,
  { names, streams }: { readonly names: boolean; readonly streams: boolean },
): Printer {
  const printed = new Map<string, number>();
  const open = { section: "", run: "" };
  return {
    async print(address, { step, skipsMissingStep }) {
      const { execution, runs, store, stepKinds } = await runtime.open();
      const run = await execution.get(address);
      // A run of another pipeline may be shorter than the step that is asked for.
      if (skipsMissingStep && step !== null && step > run.steps.length) return [];
      const sections = await readLogs({ store, jobs, kinds: stepKinds, run, events: await runs.events(address, 0), step });
      sections.forEach((section, index) => {
        const key = `${run.id}/${index}`;
        const seen = printed.get(key);
        const news = section.lines.slice(seen ?? 0);
        printed.set(key, section.lines.length);
        if (seen !== undefined && news.length === 0) return;
        if (streams) output.document({ type: "log", runId: run.id, ...section, lines: news });
        if (names && open.run !== run.id) output.line(output.colours.bold(`##### ${run.id}`));
        if (open.section !== key) output.line(output.colours.bold(`=== ${section.title}`));
        Object.assign(open, { section: key, run: run.id });
        output.lines([...news, ...(seen === undefined ? [""] : [])]);
      });
      return sections;
    },
  };
}

const POLL_MS = 500;

/** Prints until the run rests or the signal aborts. */
async function follow(
  { runtime }: Cradle,
  address: RunAddress,
  print: (address: RunAddress) => Promise<readonly LogSection[]>,
  signal: AbortSignal,
): Promise<void> {
  const { execution, clock } = await runtime.open();
  while (!signal.aborted) {
    // Looked at before the printing: what a run wrote as it came to rest is printed too.
    const rests = isAtRest(await execution.get(address), clock.now());
    await print(address);
    if (rests) return;
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
