import { createInterface } from "node:readline/promises";
import { rm } from "node:fs/promises";
import { createJobCleaner } from "@millrace/executors";
import { removeBranches, unlinkRemote } from "@millrace/integrations";
import { isMillraceError, MillraceError, type RunSummary } from "@millrace/kernel";
import type { Block } from "@millrace/contracts";
import { runsOf, tasksOf } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { count } from "../output/format.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, type Cli, type CommonOptions } from "./command.js";

interface CleanOptions extends CommonOptions {
  readonly transcripts?: boolean;
}

interface UninstallOptions extends CommonOptions {
  readonly yes?: boolean;
}

/** Registers `clean` and `uninstall`. */
export function registerClean({ program, execute }: Cli): void {
  addCommand(program, "clean", "remove what finished work leaves behind: clones of its jobs, branches of merged tasks")
    .option("--transcripts", "the transcripts of finished jobs too; `logs` has then only their outputs")
    .action((options: CleanOptions) => execute(options, (app) => clean(app, options)));
  addCommand(program, "uninstall", "remove the board: its .millrace folder with every branch in it, and the git remote 'millrace'")
    .option("--yes", "do not ask")
    .action((options: UninstallOptions) => execute(options, (app) => uninstall(app, options)));
}

async function clean(app: Cradle, options: CleanOptions): Promise<ExitCode> {
  const { output, project } = app;
  const board = await boardOf(app);
  const live = await runsOf(board, { live: true });
  const transcripts = options.transcripts === true;
  const jobs = await cleanJobs(project.paths.jobs, new Set(live.map(({ id }) => id)), transcripts);
  const tasks = await tasksOf(board);
  const busy = new Set(live.map(({ blockId }) => blockId));
  const merged = tasks.filter((task) => task.merged !== null && !busy.has(task.id));
  const isLocal = project.config.repository.forge === "local-git";
  const branches = isLocal ? await removeBranches(project.paths.repository, merged.flatMap(branchesOf)) : [];
  const kept = tasks.filter((task) => task.merged === null && task.runId !== null).length;
  output.document({ jobs, branches, kept: { liveRuns: live.length, transcripts: !transcripts, unmergedTasks: kept } });
  output.line(
    `removed  ${count(jobs.removed)} job folder${jobs.removed === 1 ? "" : "s"}${transcripts ? "" : " (their transcripts stay)"}`,
  );
  output.line(`removed  ${count(branches.length)} branch${branches.length === 1 ? "" : "es"} of merged tasks`);
  output.line(`kept     ${count(jobs.kept)} of live runs; branches of ${count(kept)} tasks that are not merged; the board and its history`);
  if (!isLocal) output.line("kept     branches on GitHub: it removes merged ones itself where the repository is set up so");
  return EXIT.fine;
}

async function cleanJobs(
  folder: string,
  live: ReadonlySet<string>,
  transcript: boolean,
): Promise<{ readonly removed: number; readonly kept: number }> {
  const cleaner = createJobCleaner(folder);
  const jobs = await cleaner.list();
  const over = jobs.filter(({ runId }) => !live.has(runId));
  let removed = 0;
  for (const job of over) if (await cleaner.clean(job, { transcript })) removed += 1;
  return { removed, kept: jobs.length - over.length };
}

function branchesOf({ id, pullRequest }: Block): readonly string[] {
  return [...new Set([`millrace/${id}`, ...(pullRequest === null ? [] : [pullRequest.branch])])];
}

async function uninstall(app: Cradle, options: UninstallOptions): Promise<ExitCode> {
  const { output, project, runtime } = app;
  const { live, unmerged } = await whatIsLost(app);
  const [run] = live;
  if (run !== undefined)
    throw new MillraceError("run_in_progress", `${live.length} run${live.length === 1 ? " is" : "s are"} live on this board`, {
      fix: `stop what runs first: millrace stop ${run.id} --cancel`,
      details: { runs: live.map(({ id }) => id) },
    });
  const { database, repository } = project.config;
  output.line(
    `this removes ${project.folder}: the board, its history, transcripts${repository.forge === "local-git" ? ", and its bare repository" : ""}`,
  );
  for (const task of unmerged) output.line(`  not merged, and lost: ${task.id}  ${task.title}`);
  if (options.yes !== true && !(await isConfirmed(app))) return EXIT.conflict;
  await runtime.close();
  const unlinked = repository.forge === "local-git" && (await unlinkRemote(project.root, project.paths.repository));
  await rm(project.folder, { recursive: true, force: true, maxRetries: 3 });
  output.document({ removed: project.folder, remote: unlinked ? "millrace" : null, lost: unmerged.map(({ id }) => id) });
  output.line(`removed ${project.folder}${unlinked ? " and the git remote 'millrace'" : ""}`);
  if (database != null) output.line(`the schema '${database.schema}' stays in PostgreSQL; drop it there`);
  if (repository.forge === "github")
    output.line(`branches 'millrace/...' stay on GitHub; see them with: git ls-remote origin 'millrace/*'`);
  return EXIT.fine;
}

/** What goes with the board. One whose database cannot be read may be removed too: nothing is known of it then. */
async function whatIsLost(app: Cradle): Promise<{ readonly live: readonly RunSummary[]; readonly unmerged: readonly Block[] }> {
  try {
    const board = await boardOf(app);
    const unmerged = (await tasksOf(board)).filter((task) => task.pullRequest !== null && task.merged === null);
    return { live: await runsOf(board, { live: true }), unmerged: app.project.config.repository.forge === "github" ? [] : unmerged };
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    app.output.note(`the board cannot be read (${error.message}); what is lost with it is not known`);
    return { live: [], unmerged: [] };
  }
}

/**
 * Asks at the terminal.
 *
 * @throws MillraceError `validation` without one.
 */
async function isConfirmed({ io, output }: Cradle): Promise<boolean> {
  if (!output.interactive)
    throw new MillraceError("validation", "a board is removed for good, and there is no terminal to ask at", { fix: "say it with --yes" });
  const terminal = createInterface({ input: io.in, output: process.stdout });
  try {
    const said = (await terminal.question("Remove it for good? [y/N] ")).trim().toLowerCase();
    if (said === "y" || said === "yes") return true;
    output.note("nothing was removed");
    return false;
  } finally {
    terminal.close();
  }
}
