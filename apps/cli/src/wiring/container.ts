/**
 * The container: the only place where the parts of a command are wired. Factories only, all of them singletons of one command, strict.
 * A part is created at its first use, so `millrace --help` touches no file.
 */
import { resolve } from "node:path";
import type { Actor } from "@millrace/contracts";
import { createJobReader, type JobReader } from "@millrace/executors";
import { MillraceError, type Clock, type Log, type Worktrees } from "@millrace/kernel";
import { asFunction, createContainer, InjectionMode, type AwilixContainer } from "awilix";
import { refuseTracked } from "../config/board-guard.js";
import { findProject, type Project } from "../config/find-project.js";
import { sandboxChoice, type SandboxChoice } from "../config/sandbox-choice.js";
import { trustedBoards, type TrustedBoards } from "../config/trusted-boards.js";
import type { Io } from "../io.js";
import { createOutput, debugging, type Output } from "../output/output.js";
import { boardTokens, type BoardTokens } from "../person/board-tokens.js";
import { createPerson, type Person } from "../person/person.js";
import { TOKEN_VARIABLE } from "../person/token-file.js";
import { createAgents, type Agents } from "./agents.js";
import { databaseOf, ignoredVariable, type DatabaseChoice } from "./database.js";
import { createGitHubBoard, type GitHubBoard } from "./github.js";
import { boardWorktrees } from "./worktrees.js";
import { createModels, type Models } from "./models.js";
import { createRuntimeHandle, type RuntimeHandle } from "./runtime.js";

/** Options of the command line that more than one part needs. */
export interface Settings {
  readonly json: boolean;
  /** Ids alone are printed. */
  readonly quiet: boolean;
  readonly as: string | null;
  readonly agent: string | null;
  /** A PostgreSQL URL; null: not given. */
  readonly database: string | null;
  /** File of a personal token; null: not given. */
  readonly tokenFile: string | null;
}

/** The parts of a command. */
export interface Cradle {
  readonly io: Io;
  readonly settings: Settings;
  readonly output: Output;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * The acting user, or the agent in whose process this command runs.
   *
   * @throws MillraceError `forbidden_actor` when the user has no name.
   */
  readonly actor: Actor;
  readonly person: Person;
  /** The tokens of the board of the current folder, whether or not its user trusts it yet. */
  readonly tokens: BoardTokens;
  readonly trusted: TrustedBoards;
  /** What agents and checks run in: the user's choice, for all boards. */
  readonly sandbox: SandboxChoice;
  /**
   * The board of the current folder, which its user trusts. Everything that a board configures is reached through it.
   *
   * @throws MillraceError `not_found`, `board_unsafe`, `config_invalid`, `board_untrusted`.
   */
  readonly project: Project;
  readonly agents: Agents;
  readonly models: Models;
  /** Null for a board on a local repository. */
  readonly github: GitHubBoard | null;
  readonly jobs: JobReader;
  readonly worktrees: Worktrees;
  readonly runtime: RuntimeHandle;
}

export function createAppContainer(io: Io, settings: Settings): AwilixContainer<Cradle> {
  const container = createContainer<Cradle>({ injectionMode: InjectionMode.PROXY, strict: true });
  container.register({
    io: asFunction(() => io).singleton(),
    settings: asFunction(() => settings).singleton(),
    output: asFunction(({ io: own, settings: { json, quiet } }: Cradle) => createOutput(own, { json, quiet })).singleton(),
    clock: asFunction((): Clock => ({ now: () => Date.now() })).singleton(),
    log: asFunction(({ io: own, output }: Cradle) => debugLog(own, output)).singleton(),
    actor: asFunction(({ io: own, settings: { as }, person }: Cradle) =>
      actorOf(own.env, as ?? person.owner() ?? own.userName),
    ).singleton(),
    tokens: asFunction(({ io: own }: Cradle) => boardTokens(findProject(own.cwd).paths.tokens)).singleton(),
    person: asFunction(
      // Not destructured: the tokens are looked up when they are needed, because not every command has a board.
      (cradle: Cradle) =>
        createPerson({
          io: cradle.io,
          clock: cradle.clock,
          tokenFile: tokenFileOf(cradle.io, cradle.settings.tokenFile),
          isAgent: () => jobOf(cradle.io.env) !== null,
          tokens: () => cradle.tokens,
        }),
    ).singleton(),
    trusted: asFunction(({ io: own }: Cradle) => trustedBoards(own.env)).singleton(),
    sandbox: asFunction(({ io: own }: Cradle) => sandboxChoice(own.env)).singleton(),
    project: asFunction(({ io: own, trusted }: Cradle) => trustedProject(own.cwd, trusted)).singleton(),
    agents: asFunction(({ project, github, io: own, settings: { agent } }: Cradle) =>
      createAgents(project, own.env, agent, github),
    ).singleton(),
    models: asFunction(({ io: own, clock, sandbox }: Cradle) => createModels({ env: own.env, clock, sandbox })).singleton(),
    github: asFunction(({ project, io: own, clock, log }: Cradle) =>
      createGitHubBoard(project.config.repository, { env: own.env, clock, log }),
    ).singleton(),
    worktrees: asFunction(({ project, github }: Cradle) => boardWorktrees(project, github)).singleton(),
    jobs: asFunction(({ project }: Cradle) => createJobReader(project.paths.jobs)).singleton(),
    runtime: asFunction(({ project, agents, models, github, sandbox, log, output, io: own, settings: { database }, person }: Cradle) => {
      const choice = (): DatabaseChoice => {
        const ignored = ignoredVariable(project.config, own);
        if (ignored !== null) output.note(ignored);
        return databaseOf(project.config, { option: database, env: own.env });
      };
      return createRuntimeHandle({ project, agents, models, github, sandbox, log, choice, persons: person.check, env: own.env });
    })
      .singleton()
      .disposer((runtime) => runtime.close()),
  });
  return container;
}

function trustedProject(cwd: string, trusted: TrustedBoards): Project {
  const project = findProject(cwd);
  trusted.require(project);
  refuseTracked(project.folder);
  return project;
}

/** A command in the process of an agent acts as that agent, whatever name it is given: an agent can never approve (promise P5). */
function actorOf(env: Io["env"], name: string | null): Actor {
  const job = jobOf(env);
  if (job !== null) return { type: "agent", id: job.slice(0, 200) };
  const id = name?.trim() ?? "";
  if (id !== "" && id.length <= 200) return { type: "human", id };
  throw new MillraceError("forbidden_actor", "who is asking is not known: the operating system has no name for this user", {
    fix: "say it with --as <name>",
  });
}

/** Key of the job that this process belongs to; null for a process of a person. */
function jobOf(env: Io["env"]): string | null {
  return env["MILLRACE_JOB_KEY"] || null;
}

function tokenFileOf({ cwd, env }: Pick<Io, "cwd" | "env">, option: string | null): string | null {
  const named = option ?? (env[TOKEN_VARIABLE] || null);
  return named === null ? null : resolve(cwd, named);
}

/** Log of events that a run does not record, written with MILLRACE_DEBUG=1 only. */
function debugLog(io: Io, output: Output): Log {
  const write = (level: string, event: string, fields: object): void => {
    if (debugging(io.env)) output.note(`${level} ${event} ${JSON.stringify(fields)}`);
  };
  return {
    info: (event, fields) => write("info", event, fields),
    warn: (event, fields) => write("warn", event, fields),
  };
}
