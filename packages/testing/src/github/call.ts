/** What the server hands to a route, and what a route returns. */
import type { Outcome } from "./moves.js";
import type { Addresses, Json, JsonObject } from "./shapes.js";
import type { RepositoryRecord } from "./records.js";

export interface Call {
  readonly to: Addresses;
  readonly record: RepositoryRecord;
  /** Decoded path parameters. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  /** Whether the diff media type is asked for: `application/vnd.github.diff`. */
  readonly wantsDiff: boolean;
  readonly outcome: Outcome;
  nextId(): number;
  /** Whether the requesting account may push. */
  readonly mayPush: boolean;
}

/** Answer of a route. The server pages `items`; `wrap` puts one page into its envelope. */
export type Reply =
  | { readonly status: number; readonly body: Json }
  /** A text, as the diff media type has. */
  | { readonly status: 200; readonly text: string }
  | { readonly status: 200; readonly items: readonly JsonObject[]; readonly wrap?: (page: readonly JsonObject[], total: number) => Json };

export interface Route {
  /** Operation as in GitHub's OpenAPI description: `GET /repos/{owner}/{repo}`. */
  readonly operation: string;
  handle(call: Call): Promise<Reply> | Reply;
}

export const DOCUMENTATION = "https://docs.github.com/rest";

export function no(status: number, message: string): Reply {
  return { status, body: { message, documentation_url: DOCUMENTATION, status: String(status) } };
}

/** A 422 in the shape that GitHub documents. */
export function invalid(message: string, resource: string, field: string): Reply {
  const errors = [{ resource, field, code: "custom", message }];
  return { status: 422, body: { message: "Validation Failed", errors, documentation_url: DOCUMENTATION } };
}

export function textOf(call: Call, field: string): string {
  const value = call.body[field];
  return typeof value === "string" ? value : "";
}

export const NOT_FOUND = no(404, "Not Found");
