/** @packageDocumentation GitHub as a forge of Millrace: pull requests, checks, merges and webhooks. Web standards only. */
export { createGitHubForge } from "./forge.js";
export type { GitHubForge, GitHubForgeOptions } from "./forge.js";
export type { Comment } from "./comments.js";
export { githubAuthSchema, githubSettingsSchema } from "./options.schema.js";
export type { GitHubAuth } from "./options.schema.js";
