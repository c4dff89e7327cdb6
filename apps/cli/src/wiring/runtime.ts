import { existsSync } from "node:fs";
import { MillraceError, type Log } from "@millrace/kernel";
import { openLocalRuntime, type LocalRuntime } from "@millrace/runtime-local";
import type { LocalGitRepository } from "@millrace/integrations";
import type { Config } from "../config/config.schema.js";
import type { Project } from "../config/find-project.js";
import type { Agents } from "./agents.js";

/** The runtime of a command, opened when it is first needed. */
export interface RuntimeHandle {
  /** @throws MillraceError `database_*`; `database_corrupt` when the board is not in the database. */
  open(): Promise<LocalRuntime>;
  close(): Promise<void>;
}

export function createRuntimeHandle(project: Project, agents: Agents, log: Log): RuntimeHandle {
  let opened: Promise<LocalRuntime> | null = null;
  return {
    open: () => (opened ??= openProject(project, agents, log)),
    async close() {
      const runtime = await opened?.catch(() => null);
      await runtime?.close();
    },
  };
}

async function openProject(project: Project, agents: Agents, log: Log): Promise<LocalRuntime> {
  if (!existsSync(project.paths.database)) throw lost(project, "is not there");
  const runtime = await openLocalRuntime({
    folder: project.folder,
    launchFor: () => agents.launch,
    repositories: async (id) => repositoryOf(project.config, project.paths.repository, id),
    ...(agents.inline === null ? {} : { inline: agents.inline }),
    log,
  });
  if ((await runtime.store.workspaces.get(project.config.workspaceId)) !== null) return runtime;
  await runtime.close();
  throw lost(project, `has no workspace '${project.config.workspaceId}'`);
}

function lost(project: Project, how: string): MillraceError {
  return new MillraceError("database_corrupt", `the board's database '${project.paths.database}' ${how}`, {
    fix: "put it back from a backup, or remove the .millrace folder and run: millrace init",
    details: { path: project.paths.database },
  });
}

/** The one repository of a board, as the forge wants it. */
export function repositoryOf(config: Pick<Config, "repository" | "checks">, path: string, id: string): LocalGitRepository | null {
  return id === config.repository.id ? { path, url: `local-git:${id}`, checks: config.checks } : null;
}
