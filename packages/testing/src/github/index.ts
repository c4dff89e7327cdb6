/** @packageDocumentation A stand-in for GitHub on loopback: git over http, REST, limits, faults and webhooks in the hands of a test. */
export { createGitHubStandIn } from "./stand-in.js";
export type { GitHubStandIn, GitHubStandInOptions } from "./stand-in.js";
export type { GitHubRepository } from "./repository.js";
export type { GitHubGrants } from "./grants.js";
export type { GitHubFault } from "./faults.js";
export type { Exchange } from "./server.js";
export type { Delivery } from "./webhooks.js";
export type { Protection } from "./records.js";
