/** @packageDocumentation Adapters of the outside world: clones for jobs, and a forge made of a bare git repository. */
export { createGitWorktrees } from "./git/worktrees.js";
export type { GitWorktreesOptions } from "./git/worktrees.js";
