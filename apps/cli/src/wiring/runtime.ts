import { existsSync } from "node:fs";
import { MillraceError, type Log, type PersonCheck } from "@millrace/kernel";
import type { Host } from "@millrace/runtime-host";
import type { LocalGitRepository } from "@millrace/integrations";
import type { Config } from "../config/config.schema.js";
import { secretsOf } from "../config/board-secrets.js";
import type { Io } from "../io.js";
import type { Project } from "../config/find-project.js";
import type { SandboxChoice } from "../config/sandbox-choice.js";
import type { Agents } from "./agents.js";
import { commitStyle } from "./commit-style.js";
import type { GitHubBoard } from "./github.js";
import type { Models } from "./models.js";
import { openOn, type DatabaseChoice } from "./database.js";

/** The runtime of a command, opened at its first use. */
export interface RuntimeHandle {
  /**
   * Opens the host, or returns the open one.
   *
   * @throws MillraceError `database_*`; `database_corrupt` when the board is not in the database.
   */
  open(): Promise<Host>;
  /** True between the call of `open` and its end: nothing is at work yet, so an interrupt may leave at once. */
  readonly isOpening: () => boolean;
  close(): Promise<void>;
}

/** Dependencies of the runtime of a command. */
export interface RuntimeParts {
  readonly project: Project;
  readonly agents: Agents;
  readonly models: Models;
  /** Null for a board on a local repository. */
  readonly github: GitHubBoard | null;
  readonly sandbox: SandboxChoice;
  readonly log: Log;
  readonly persons: PersonCheck;
  readonly env: Io["env"];
  /**
   * Place of the board.
   *
   * @throws MillraceError `config_invalid`.
   */
  choice(): DatabaseChoice;
}

export function createRuntimeHandle(parts: RuntimeParts): RuntimeHandle {
  let opened: Promise<Host> | null = null;
  let isOpening = false;
  const open = async (): Promise<Host> => {
    isOpening = true;
    try {
      return await openProject(parts);
    } finally {
      isOpening = false;
    }
  };
  return {
    open: () => (opened ??= open()),
    isOpening: () => isOpening,
    async close() {
      const runtime = await opened?.catch(() => null);
      await runtime?.close();
    },
  };
}

async function openProject(parts: RuntimeParts): Promise<Host> {
  const { project, agents, models, github, sandbox, log, persons, env } = parts;
  const choice = parts.choice();
  if (choice.in === "sqlite" && !existsSync(project.paths.database)) throw lost(project.paths.database, "is not there");
  const runtime = await openOn(choice, {
    folder: project.folder,
    launchFor: () => agents.launch,
    sandbox: sandbox.name(),
    modelProxy: models.proxy(agents.launch, project.folder),
    commits: commitStyle(project.config),
    repositories: async (id) => repositoryOf(project.config, project.paths.repository, id),
    ...(agents.inline === null ? {} : { inline: agents.inline }),
    ...(github === null ? {} : { forges: [github], options: { patience: { gatePollMs: github.config.pollMs } } }),
    log,
    persons,
    secrets: [...heldSecrets(project.config, agents, env), ...models.secrets(agents.launch)],
  });
  try {
    if ((await runtime.store.workspaces.get(project.config.workspaceId)) !== null) return runtime;
    throw lost(runtime.databaseName, `has no workspace '${project.config.workspaceId}'`);
  } catch (error) {
    // An open connection would keep the process alive after its last word.
    await runtime.close().catch(() => undefined);
    throw error;
  }
}

/** Values that must never be stored: what the configuration reads from the environment, and the secret variables of the agent. */
function heldSecrets(config: Config, { launch }: Pick<Agents, "launch">, env: Io["env"]): readonly string[] {
  return [...secretsOf(config).map(({ variable }) => env[variable] ?? ""), ...Object.values(launch?.secrets ?? {})];
}

function lost(database: string, how: string): MillraceError {
  return new MillraceError("database_corrupt", `the board's database '${database}' ${how}`, {
    fix: "put it back from a backup, or remove the .millrace folder and run: millrace init",
    details: { database },
  });
}

/** The local repository of a board by its id; null for every other id, and for a board on another forge. */
export function repositoryOf(
  config: Pick<Config, "repository" | "checks" | "commit">,
  path: string,
  id: string,
): LocalGitRepository | null {
  return config.repository.forge === "local-git" && id === config.repository.id
    ? {
        path,
        url: `local-git:${id}`,
        checks: config.checks,
        commits: commitStyle(config),
        ...(config.repository.mergeMethod === undefined ? {} : { mergeMethod: config.repository.mergeMethod }),
      }
    : null;
}
