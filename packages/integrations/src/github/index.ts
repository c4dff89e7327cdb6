/** @packageDocumentation The GitHub forge: pull requests, checks, merges and webhooks. Uses web standards only. */
export { createGitHubForge } from "./forge.js";
export type { GitHubForge, GitHubForgeOptions } from "./forge.js";
export { examineGitHub } from "./examine.js";
export type { GitHubFinding } from "./examine.js";
export type { Comment } from "./comments.js";
export { githubAuthSchema, githubSettingsSchema } from "./options.schema.js";
export type { GitHubAuth } from "./options.schema.js";
export { createGitHubWebhooks } from "./webhooks/handler.js";
export type { GitHubWebhooksOptions } from "./webhooks/handler.js";
export { createMemoryDeliveries } from "./webhooks/deliveries.js";
export type { DeliveryLog } from "./webhooks/deliveries.js";
export { nudgeRuns } from "./webhooks/nudge-runs.js";
export type { NudgeRunsOptions } from "./webhooks/nudge-runs.js";
export type { WebhookSubject } from "./webhooks/subject.logic.js";
