/** @packageDocumentation Identity providers: OpenID Connect, and GitHub. */
export { createGitHubIdentity } from "./github.js";
export type { GitHubIdentityOptions } from "./github.js";
export { createOidcProvider } from "./oidc.js";
export type { OidcOptions } from "./oidc.js";
export type { Fetch } from "./bounded-fetch.js";
