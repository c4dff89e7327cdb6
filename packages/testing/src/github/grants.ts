/** What the credentials of the stand-in may do, as GitHub tells and refuses it. */
import type { Reply } from "./call.js";
import { no } from "./call.js";

/** In a test's hands. */
export interface GitHubGrants {
  /** Scopes of the person's token, as a classic token has them; null: a fine-grained one, which has none. Default `repo`. */
  readonly scopes?: string | null;
  /** Permissions that the token does not have, as `checks=read`. */
  readonly denied?: readonly string[];
  /** The account of the token may push. Default true. */
  readonly push?: boolean;
  /** What the App was given where it is installed. */
  readonly permissions?: Readonly<Record<string, string>>;
  readonly events?: readonly string[];
}

const NEEDS: Readonly<Record<string, string>> = {
  "GET /repos/{owner}/{repo}/commits/{ref}/check-runs": "checks=read",
  "GET /repos/{owner}/{repo}/commits/{ref}/status": "statuses=read",
  "GET /repos/{owner}/{repo}/pulls": "pull_requests=read",
  "GET /repos/{owner}/{repo}/hooks": "webhooks=read",
};

export class Grants {
  given: Required<GitHubGrants> = {
    scopes: "repo",
    denied: [],
    push: true,
    permissions: { contents: "write", pull_requests: "write", checks: "read", statuses: "read", metadata: "read" },
    events: ["check_run", "pull_request", "push", "status"],
  };

  /** Of a request of somebody. */
  headers(who: string | null): Readonly<Record<string, string>> {
    const { scopes } = this.given;
    return who === "user" && scopes !== null ? { "x-oauth-scopes": scopes } : {};
  }

  /** The refusal of an operation that the credential may not ask for; null when it may. */
  refusal(operation: string): { readonly reply: Reply; readonly headers: Readonly<Record<string, string>> } | null {
    const needs = NEEDS[operation];
    if (needs === undefined || !this.given.denied.includes(needs)) return null;
    return {
      reply: no(403, "Resource not accessible by personal access token"),
      headers: { "x-accepted-github-permissions": needs },
    };
  }
}
