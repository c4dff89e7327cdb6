import type { ApiToken, User } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** A token as it is stored. */
export interface StoredApiToken extends ApiToken {
  /** SHA-256 of its secret. */
  readonly digest: string;
}

/** Whose a token is: a person's or an account's. */
export type TokenOwner = { readonly userId: string } | { readonly accountId: string };

/** Changes of tokens. They belong to the host. */
export interface ApiTokenChanges {
  /** Fails with `conflict` when the id is in use, `limit_reached` when its owner has `max` that have not expired. */
  "insert-api-token": { readonly token: StoredApiToken; readonly max: number };
  /** Fails with `not_found` when the owner has no such token. */
  "delete-api-token": { readonly owner: TokenOwner; readonly tokenId: string };
  /** Removes all of an owner. */
  "delete-api-tokens": { readonly owner: TokenOwner };
  /** Says that it was used at `at`, where it was last used before `before`, or never. */
  "touch-api-token": { readonly tokenId: string; readonly at: number; readonly before: number };
}

/** Reads of tokens. */
export interface ApiTokenReads {
  /** The token, and its user where it is a person's; null in the user's place: the user is gone, or it is an account's. */
  get(id: string): Promise<{ readonly token: StoredApiToken; readonly user: User | null } | null>;
  /** Newest first, expired ones included. */
  list(owner: TokenOwner, page: Page): Promise<readonly StoredApiToken[]>;
  /** Deletes those that expired before `before` (epoch ms), at most `limit` (1..200); returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}
