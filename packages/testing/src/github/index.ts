/** @packageDocumentation A stand-in for GitHub on loopback, controlled by a test: git over HTTP, REST, rate limits, faults and webhooks. */
export { createGitHubStandIn } from "./stand-in.js";
export type { GitHubStandIn, GitHubStandInOptions } from "./stand-in.js";
export type { GitHubRepository } from "./repository.js";
export type { GitHubGrants } from "./grants.js";
export type { GitHubFault } from "./faults.js";
export type { Exchange } from "./server.js";
export type { Delivery } from "./webhooks.js";
export type { Protection } from "./records.js";
