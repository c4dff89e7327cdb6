/** @packageDocumentation Adapters of the outside world: clones for jobs, and a forge made of a bare git repository. */
export { createGitWorktrees } from "./git/worktrees.js";
export type { GitWorktreesOptions } from "./git/worktrees.js";
export { createLocalGitForge } from "./local-git/forge.js";
export type { LocalGitForgeOptions } from "./local-git/forge.js";
export { initLocalRepository, linkRemote, syncHint } from "./local-git/init-repository.js";
export type { InitLocalRepositoryOptions, LocalRepositoryMade } from "./local-git/init-repository.js";
export { localGitCheckSchema } from "./local-git/local-repository.js";
export type { LocalGitCheck, LocalGitRepository } from "./local-git/local-repository.js";
export { ensurePathInside } from "./paths/ensure-path-inside.js";
