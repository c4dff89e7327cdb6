import { createCommandRunner } from "@millrace/executors";
import { createGitWorktrees } from "@millrace/integrations";
import type { Worktrees } from "@millrace/kernel";
import type { HostForge } from "@millrace/runtime-host";
import type { Project } from "../config/find-project.js";

/** The git side of a board: its own bare repository, or that of its forge. Reads no folder that an agent can write. */
export function boardWorktrees(project: Project, remote: Pick<HostForge, "remoteUrl"> | null): Worktrees {
  return createGitWorktrees({
    remoteUrl: (repository) => remote?.remoteUrl(repository) ?? project.paths.repository,
    commands: createCommandRunner(),
  });
}
