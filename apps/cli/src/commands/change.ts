import type { Block, RepositoryRef } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { findTask } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { diffLines, diffStat, statLines } from "../views/diff-stat.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, withQuiet, type Cli, type CommonOptions } from "./command.js";

interface DiffOptions extends CommonOptions {
  readonly stat?: boolean;
}

/** Most characters of a diff that are printed; the diff says where it was cut. */
const DIFF_CHARS = 5_000_000;

/** Registers `diff`, `branch` and `pr`: the change of a task, where it lies, and where it is talked about. */
export function registerChange({ program, execute }: Cli): void {
  addCommand(program, "diff <task>", "print what a task's branch changes against its base, or what was merged")
    .option("--stat", "only how many lines of which files")
    .action((task: string, options: DiffOptions) => execute(options, (app) => diff(app, task, options.stat === true)));
  withQuiet(addCommand(program, "branch <task>", "print the branch of a task, and how to check it out")).action(
    (task: string, options: CommonOptions) => execute(options, (app) => branch(app, task)),
  );
  withQuiet(addCommand(program, "pr <task>", "print the number and the address of a task's pull request")).action(
    (task: string, options: CommonOptions) => execute(options, (app) => pullRequest(app, task)),
  );
}

async function diff(app: Cradle, text: string, onlyStat: boolean): Promise<ExitCode> {
  const { output, project, worktrees } = app;
  const task = await findTask(await boardOf(app), text);
  const { branch: name, base } = branchOf(task, project.config.repository);
  const found = await worktrees.diff({
    repository: { ...repositoryOf(app), base },
    branch: name,
    maxChars: DIFF_CHARS,
    merged: task.merged,
  });
  const files = diffStat(found);
  output.document({ task: task.id, branch: name, base, merged: task.merged?.commit ?? null, files, ...(onlyStat ? {} : { diff: found }) });
  if (found === "") output.line(`'${name}' changes nothing against '${base}' yet`);
  else if (onlyStat) output.lines(statLines(files, output.colours));
  else if (output.terminal) output.lines(diffLines(found, output.colours));
  // Whole, so that another program can apply it.
  else output.raw(found);
  return EXIT.fine;
}

async function branch(app: Cradle, text: string): Promise<ExitCode> {
  const { output, project } = app;
  const task = await findTask(await boardOf(app), text);
  const { branch: name, base } = branchOf(task, project.config.repository);
  const remote = remoteOf(app);
  output.document({ task: task.id, branch: name, base, remote });
  output.id(name);
  output.line(name);
  output.line(`check it out: git fetch ${remote} && git switch ${name}`);
  if (task.pullRequest === null) output.note("it is there once the first agent's work was accepted");
  if (task.merged !== null) output.note(`it was merged into ${base}`);
  return EXIT.fine;
}

async function pullRequest(app: Cradle, text: string): Promise<ExitCode> {
  const { output } = app;
  const task = await findTask(await boardOf(app), text);
  if (task.pullRequest === null)
    throw new MillraceError("not_found", `task '${task.id}' has no pull request yet`, {
      fix: `it is opened when a run has a change: millrace run ${task.id}`,
    });
  const { number, url, branch: name, base } = task.pullRequest;
  output.document({ task: task.id, pullRequest: task.pullRequest, merged: task.merged });
  output.id(url);
  output.line(`#${number}  ${url}`);
  output.line(`${name} into ${base}${task.merged === null ? "" : `, merged as ${task.merged.commit}`}`);
  return EXIT.fine;
}

/**
 * The branch of a task and its base.
 *
 * @throws MillraceError `not_found` for a task that no run has worked on.
 */
function branchOf(task: Block, repository: { readonly base: string }): { readonly branch: string; readonly base: string } {
  if (task.runId === null && task.pullRequest === null)
    throw new MillraceError("not_found", `task '${task.id}' has no branch yet: no run has worked on it`, {
      fix: `start one with: millrace run ${task.id}`,
    });
  return { branch: task.pullRequest?.branch ?? `millrace/${task.id}`, base: task.pullRequest?.base ?? repository.base };
}

function repositoryOf({ project }: Cradle): RepositoryRef {
  const { forge, id, base } = project.config.repository;
  return { forge, id, base };
}

/** Name of the remote that branches are on, in the working copy of a person. */
function remoteOf({ project }: Cradle): string {
  return project.config.repository.forge === "github" ? "origin" : "millrace";
}
