/** Scopes and permissions of the credentials, as GitHub reports and enforces them. */
import type { Reply } from "./call.js";
import { no } from "./call.js";

/** Scopes and permissions that a test sets. */
export interface GitHubGrants {
  /** Scopes of the user token, when it is a classic one; null: a fine-grained token. Default: `repo`. */
  readonly scopes?: string | null;
  /** Permissions that the token lacks, e.g. `checks=read`. Default: none. */
  readonly denied?: readonly string[];
  /** Whether the token's account may push. Default: true. */
  readonly push?: boolean;
  /** Permissions of the App's installation. Default: those that Millrace needs. */
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

  /** Response headers that tell a classic token its scopes. */
  headers(who: string | null): Readonly<Record<string, string>> {
    const { scopes } = this.given;
    return who === "user" && scopes !== null ? { "x-oauth-scopes": scopes } : {};
  }

  /** The 403 for an operation that the token lacks a permission for; null when it may. */
  refusal(operation: string): { readonly reply: Reply; readonly headers: Readonly<Record<string, string>> } | null {
    const needs = NEEDS[operation];
    if (needs === undefined || !this.given.denied.includes(needs)) return null;
    return {
      reply: no(403, "Resource not accessible by personal access token"),
      headers: { "x-accepted-github-permissions": needs },
    };
  }
}
