/** @packageDocumentation Clones for jobs, and the `local-git` forge on bare git repositories. */
export type { CommitStyle } from "./git/commit-style.js";
export { createGitWorktrees } from "./git/worktrees.js";
export type { GitWorktreesOptions } from "./git/worktrees.js";
export { removeBranches, unlinkRemote } from "./local-git/clean-repository.js";
export { createLocalGitForge } from "./local-git/forge.js";
export type { LocalGitForgeOptions } from "./local-git/forge.js";
export { examineLocalRepository, tryCheck } from "./local-git/examine.js";
export type { LocalRepositoryExamination, TriedCheck } from "./local-git/examine.js";
export type { FilteredPath, SpecialPaths } from "./git/undeliverable.js";
export { initLocalRepository, linkedRemote, linkRemote, syncHint } from "./local-git/init-repository.js";
export type { InitLocalRepositoryOptions, InitLocalRepositoryResult } from "./local-git/init-repository.js";
export { localGitCheckSchema } from "./local-git/local-repository.js";
export type { LocalGitCheck, LocalGitRepository } from "./local-git/local-repository.js";
export { ensurePathInside } from "./paths/ensure-path-inside.js";
