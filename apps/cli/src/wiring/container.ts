/**
 * The container: the only place where the parts of a command are wired. Factories only, all of them singletons of one command, strict.
 * A part is created at its first use, so `millrace --help` touches no file.
 */
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
import { createAgents, type Agents } from "./agents.js";
import { databaseOf, ignoredVariable, type DatabaseChoice } from "./database.js";
import { createGitHubBoard, type GitHubBoard } from "./github.js";
import { boardWorktrees } from "./worktrees.js";
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
    actor: asFunction(({ io: own, settings: { as } }: Cradle) => actorOf(own.env, as ?? own.userName)).singleton(),
    trusted: asFunction(({ io: own }: Cradle) => trustedBoards(own.env)).singleton(),
    sandbox: asFunction(({ io: own }: Cradle) => sandboxChoice(own.env)).singleton(),
    project: asFunction(({ io: own, trusted }: Cradle) => trustedProject(own.cwd, trusted)).singleton(),
    agents: asFunction(({ project, github, io: own, settings: { agent } }: Cradle) =>
      createAgents(project, own.env, agent, github),
    ).singleton(),
    github: asFunction(({ project, io: own, clock, log }: Cradle) =>
      createGitHubBoard(project.config.repository, { env: own.env, clock, log }),
    ).singleton(),
    worktrees: asFunction(({ project, github }: Cradle) => boardWorktrees(project, github)).singleton(),
    jobs: asFunction(({ project }: Cradle) => createJobReader(project.paths.jobs)).singleton(),
    runtime: asFunction(({ project, agents, github, sandbox, log, output, io: own, settings: { database } }: Cradle) => {
      const choice = (): DatabaseChoice => {
        const ignored = ignoredVariable(project.config, own);
        if (ignored !== null) output.note(ignored);
        return databaseOf(project.config, { option: database, env: own.env });
      };
      return createRuntimeHandle({ project, agents, github, sandbox, log, choice });
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
  const job = env["MILLRACE_JOB_KEY"] ?? "";
  if (job !== "") return { type: "agent", id: job.slice(0, 200) };
  const id = name?.trim() ?? "";
  if (id !== "" && id.length <= 200) return { type: "human", id };
  throw new MillraceError("forbidden_actor", "who is asking is not known: the operating system has no name for this user", {
    fix: "say it with --as <name>",
  });
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
