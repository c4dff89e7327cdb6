import type { Budget, CheckPolicy } from "@millrace/contracts";
import { checkPolicySchema } from "@millrace/contracts";
import { parseAgentOption, readBounded } from "@millrace/executors";
import { initLocalRepository, linkRemote, syncHint } from "@millrace/integrations";
import { MillraceError, modelProxyOff } from "@millrace/kernel";
import { trustEveryPerson } from "@millrace/orchestration";
import type { Host } from "@millrace/runtime-host";
import { lstat, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { existsSync } from "node:fs";
import { FILE_MODE, FOLDER_MODE } from "../config/board-guard.js";
import { DEFAULT_GITHUB, type Config } from "../config/config.schema.js";
import { chooseChecks, type CheckChoice } from "../config/detect-checks.logic.js";
import { READ_FILES, type RepositoryFiles } from "../config/detect-commands.logic.js";
import { climb, STATE_FOLDER } from "../config/find-project.js";
import { projectPaths } from "../config/project-paths.js";
import type { Finding } from "../doctor/finding.js";
import { checkFindings, folderNotes, repositoryFindings } from "../doctor/local-findings.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { enrol, type EnrolledToken } from "../person/enrol.js";
import { budgetLine } from "../views/settings-lines.logic.js";
import { findingLines } from "../views/finding-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { DATABASE_VARIABLE, databaseOf, givenDatabase, openOn } from "../wiring/database.js";
import { repositoryOf } from "../wiring/runtime.js";
import { budgetWith, setsBudget, withBudget, type BudgetOptions } from "./budget-options.js";
import { gitHubFindings, gitHubRepository, requireNoGitHubOptions, type GitHubInitOptions } from "./init-github.js";
import { noteMissingCompose, withServiceTesting, type ServiceTestingOptions } from "./service-testing-option.js";
import { addCommand, collect, withPerson, type Cli, type CommonOptions } from "./command.js";

interface InitOptions extends CommonOptions, BudgetOptions, ServiceTestingOptions, GitHubInitOptions {
  readonly check: readonly string[];
  readonly ci: boolean;
  readonly base?: string;
  readonly name?: string;
  readonly schema?: string;
  readonly checkRun: boolean;
}

const DEFAULT_PIPELINE = "pl_reviewed";

export function registerInit({ program, execute }: Cli): void {
  withBudget(withServiceTesting(withPerson(addCommand(program, "init", "make a board for the git repository you are in"))))
    .option("--check <command>", "a command that must pass before anything merges (repeatable)", collect, [])
    .option("--no-ci", "this repository has no checks, on purpose")
    .option("--agent <agent>", "claude, codex, gemini, opencode, or the command line of an ACP agent")
    .option("--github <owner/repo>", "work on a repository on GitHub instead of a local copy: its pull requests, checks and merges")
    .option("--token-env <name>", `with --github: environment variable with the token (default: ${DEFAULT_GITHUB.tokenEnv})`)
    .option("--github-api <url>", "with --github: its API; GitHub Enterprise Server has https://HOST/api/v3")
    .option("--github-web <url>", "with --github: where git clones from, https://HOST")
    .option("--base <branch>", "branch that changes are merged into (default: the one you are on)")
    .option("--name <name>", "name of the service (default: the folder's)")
    .option("--schema <name>", "with --database: schema of the board, one for each board (default: millrace)")
    .option("--no-check-run", "do not try the checks on the base")
    .action((options: InitOptions) => execute(options, (app) => init(app, options)));
}

/** Makes the board in a draft folder and renames it, so that a half-made board is never found. */
async function init(app: Cradle, options: InitOptions): Promise<ExitCode> {
  const { io, output } = app;
  const root = options.github === undefined ? topFolder(io.cwd) : (topFolderOrNull(io.cwd) ?? io.cwd);
  const place = join(root, STATE_FOLDER);
  await refuseExisting(place);
  if (options.agent !== undefined) parseAgentOption(options.agent);
  const choice = await choiceOf(root, options);
  const draft = `${place}-new-${process.pid}`;
  try {
    await makeStateFolder(draft);
    const repository = await repositoryFor(app, { draft, root, options });
    const board = await makeBoard(app, { draft, root, repository, choice, options });
    await rename(draft, place);
    const { config } = board;
    let token: EnrolledToken | null = null;
    try {
      token = enrol(app, projectPaths(place).tokens);
      if (repository.forge === "local-git") await linkRemote(root, projectPaths(place).repository);
      app.trusted.add({ folder: place, config });
    } catch (error) {
      await rm(place, { recursive: true, force: true });
      throw error;
    }
    const findings = await findingsOf(app, { root, place, config, triesChecks: options.checkRun });
    output.document({ folder: place, config, budget: board.budget, ...(findings.length === 0 ? {} : { findings }) });
    report(app, place, board, choice);
    if (token !== null) output.line(`token    mr_${token.id} of ${token.person}, in ${token.file}`);
    for (const finding of findings) output.lines(findingLines(finding, output.colours));
    return EXIT.fine;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

interface NewPlace {
  readonly root: string;
  readonly place: string;
  readonly config: Config;
  readonly triesChecks: boolean;
}

/** What a person should know of the repository before the first task. It does not fail `init`: the board is made. */
async function findingsOf(app: Cradle, { root, place, config, triesChecks }: NewPlace): Promise<readonly Finding[]> {
  if (config.repository.forge === "github") return gitHubFindings(app, config);
  for (const note of folderNotes(root, app.io.cwd)) app.output.note(note);
  const board = { root, paths: projectPaths(place), config };
  const [, ...special] = await repositoryFindings(board);
  if (!triesChecks || config.checks.length === 0) return special;
  app.output.note(`trying the checks on ${config.repository.base} (--no-check-run leaves that out) ...`);
  return [...special, ...(await checkFindings(board, app.sandbox.name(), new AbortController().signal))];
}

/**
 * The checks of the board. On GitHub they are those that GitHub reports.
 *
 * @throws MillraceError `config_invalid`.
 */
async function choiceOf(root: string, options: InitOptions): Promise<CheckChoice> {
  const { check, ci, github } = options;
  if (github === undefined) requireNoGitHubOptions(options);
  if (github === undefined) return chooseChecks({ checks: check, noCi: !ci }, await filesOf(root));
  if (check.length === 0) return { checks: [], ci: ci ? "required" : "none", because: null };
  throw new MillraceError("config_invalid", "--check is for a local repository: on GitHub, its own workflows are the checks", {
    fix: "leave --check out, or leave --github out",
  });
}

/** A bare copy of the repository, or the repository on GitHub. */
async function repositoryFor(
  app: Cradle,
  { draft, root, options }: Pick<Draft, "draft" | "root" | "options">,
): Promise<Config["repository"]> {
  if (options.github !== undefined) return gitHubRepository(app, options.github, options);
  app.output.note(`copying the repository '${root}' ...`);
  const { base } = await initLocalRepository({
    path: projectPaths(draft).repository,
    from: root,
    ...(options.base === undefined ? {} : { base: options.base }),
  });
  return { forge: "local-git", id: repositoryId(nameOf(root, options)), base };
}

function topFolderOrNull(from: string): string | null {
  return climb(from, (folder) => existsSync(join(folder, ".git")));
}

function topFolder(from: string): string {
  const root = topFolderOrNull(from);
  if (root !== null) return root;
  if (isBare(from))
    throw new MillraceError("repository_invalid", `'${from}' is a bare repository, without a working copy`, {
      fix: `make a working copy and go there: git clone '${from}' '${from.replace(/(\.git)?$/, "-work")}'`,
      details: { path: from },
    });
  throw new MillraceError("repository_missing", `'${from}' is not in a git repository`, {
    fix: `make it one: git init && git add -A && git commit -m "First commit"`,
    details: { path: from },
  });
}

/** Whether the folder has the files of a bare repository. */
function isBare(folder: string): boolean {
  return ["HEAD", "objects", "refs"].every((name) => existsSync(join(folder, name)));
}

async function refuseExisting(place: string): Promise<void> {
  const there = await lstat(place).catch(() => null);
  if (there === null) return;
  throw there.isDirectory()
    ? new MillraceError("conflict", `there is a board already: '${place}'`, {
        fix: "use it (millrace tasks), or remove that folder with everything in it to start over",
      })
    : new MillraceError("conflict", `'${place}' is in the way: it is no folder`, { fix: "move it away, then run init again" });
}

/** Largest of these files that is looked at, in bytes. */
const MAX_READ_BYTES = 1024 * 1024;

/** The names at the top of a repository, and the texts that say how it is tested. */
async function filesOf(root: string): Promise<RepositoryFiles> {
  const files = new Set(await readdir(root));
  const texts = await Promise.all(
    READ_FILES.filter((name) => files.has(name)).map(
      async (name) => [name, (await readBounded(join(root, name), { maxBytes: MAX_READ_BYTES }).catch(() => null)) ?? ""] as const,
    ),
  );
  return { files, texts: Object.fromEntries(texts) };
}

/** Makes a folder that git ignores, so that the board, whole or half-made, leaves the repository clean. */
async function makeStateFolder(draft: string): Promise<void> {
  try {
    await mkdir(draft, { mode: FOLDER_MODE });
    await writeFile(join(draft, ".gitignore"), "*\n", { mode: FILE_MODE });
    for (const folder of ["jobs", "checks"]) await mkdir(join(draft, folder), { mode: FOLDER_MODE });
  } catch (cause) {
    throw new MillraceError("database_unwritable", `the folder '${draft}' cannot be made`, {
      fix: "check that you may write there and that the disk is not full",
      cause,
    });
  }
}

/** A board that was made: its configuration, and the caps on its spending. */
interface NewBoard {
  readonly config: Config;
  readonly budget: Budget;
}

interface Draft {
  readonly draft: string;
  readonly root: string;
  readonly repository: Config["repository"];
  readonly choice: CheckChoice;
  readonly options: InitOptions;
}

async function makeBoard(app: Cradle, { draft, root, repository, choice, options }: Draft): Promise<NewBoard> {
  const name = nameOf(root, options);
  const testing = options.testsNeed === undefined || options.testsNeed === "unset" ? null : options.testsNeed;
  noteMissingCompose(app.output, root, testing);
  const { forge, id, base } = repository;
  const checks: CheckPolicy = checkPolicySchema.parse({ ci: choice.ci });
  const settings = { checks: [...choice.checks], ci: choice.ci, repository };
  const database = schemaFor(app, options);
  await using runtime = await openOn(databaseOf({ database }, { option: app.settings.database, env: app.io.env }), {
    folder: draft,
    launchFor: () => null,
    sandbox: app.sandbox.name(),
    modelProxy: modelProxyOff,
    repositories: async (id) => repositoryOf(settings, projectPaths(draft).repository, id),
    log: app.log,
    // The board is being made: nothing is there yet that an agent could decide about.
    persons: trustEveryPerson,
  });
  await refuseSecondBoard(runtime, database);
  const workspace = await runtime.workspaces.create({ name, actor: app.actor });
  const { budget } = setsBudget(options)
    ? await runtime.settings.put({
        workspaceId: workspace.id,
        input: { ...workspace.settings, budget: budgetWith(workspace.settings.budget, options) },
        actor: app.actor,
      })
    : workspace.settings;
  const service = await runtime.board.addService({
    workspaceId: workspace.id,
    title: name,
    repository: { forge, id, base },
    checks,
    testing,
    actor: app.actor,
  });
  const config: Config = {
    version: 1,
    workspaceId: workspace.id,
    serviceId: service.id,
    ...settings,
    agent: options.agent ?? null,
    pipeline: DEFAULT_PIPELINE,
    inline: null,
    database,
  };
  await writeFile(projectPaths(draft).config, `${JSON.stringify(config, null, 2)}\n`, { mode: FILE_MODE });
  return { config, budget };
}

/**
 * Name of the service.
 *
 * @throws MillraceError `config_invalid` for an empty one.
 */
function nameOf(root: string, { name, github }: Pick<InitOptions, "name" | "github">): string {
  const chosen = (name ?? basename(github ?? root)).trim().slice(0, 120);
  if (chosen !== "") return chosen;
  throw new MillraceError("config_invalid", "the service has no name", { fix: "give one with --name" });
}

const DEFAULT_SCHEMA = "millrace";

/** Schema of the board in PostgreSQL; null: SQLite. */
function schemaFor({ io, settings }: Cradle, { schema }: InitOptions): NonNullable<Config["database"]> | null {
  if (givenDatabase({ option: settings.database, env: io.env }) !== null) return { schema: schema ?? DEFAULT_SCHEMA };
  if (schema === undefined) return null;
  throw new MillraceError("config_invalid", "--schema is for a board in PostgreSQL", { fix: "give --database too, or leave --schema out" });
}

/** Refuses a second board in one schema: a worker drives all runs of its schema and knows one repository, so the boards would fail each other's runs. */
async function refuseSecondBoard({ store, databaseName }: Host, database: Config["database"]): Promise<void> {
  if (database == null) return;
  const [other] = await store.workspaces.list({ limit: 1 });
  if (other === undefined) return;
  throw new MillraceError("conflict", `the schema '${database.schema}' of '${databaseName}' holds the board '${other.name}'`, {
    fix: "give this board a schema of its own: --schema <name>",
  });
}

/** Id of the local repository: letters, digits, dots and dashes of the name, because it is part of pull request addresses. */
function repositoryId(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "") || "repository";
}

function report({ output }: Cradle, place: string, { config, budget }: NewBoard, choice: CheckChoice): void {
  const { base, forge, id } = config.repository;
  output.line(`board    ${place}`);
  for (const check of config.checks) output.line(`check    ${check.name}${choice.because === null ? "" : `   (${choice.because})`}`);
  if (config.ci === "none") output.line("check    none, as you said: changes merge without one");
  output.line(forge === "github" ? `base     ${base} of ${id} on GitHub` : `base     ${base}, as the git remote 'millrace'`);
  if (config.database != null)
    output.line(`database PostgreSQL, schema ${config.database.schema}; every command needs --database or ${DATABASE_VARIABLE}`);
  output.line(`budget   ${budgetLine(budget)}`);
  output.line(`agent    ${config.agent ?? "none yet: give one with --agent when you run, or set it in config.json"}`);
  output.line();
  output.line('next: millrace task add "what should be done"');
  output.line(`merged work comes to you with: ${forge === "github" ? `git pull origin ${base}` : syncHint(base)}`);
}
