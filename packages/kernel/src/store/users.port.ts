import type { User } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** A way in which a user signs in, as it is stored. */
export interface StoredIdentity {
  readonly id: string;
  readonly userId: string;
  /** `password`, or the name of a provider. */
  readonly provider: string;
  /** Id of the person at the provider; of a password: the id of the user, who has one at most. */
  readonly subject: string;
  /** Login or address there, for people. */
  readonly label: string;
  /** Name and picture that the provider last gave. */
  readonly name: string | null;
  readonly avatarUrl: string | null;
  /** Digest of the password; null: a provider proves the person. */
  readonly digest: string | null;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** Changes of users and of their ways to sign in. They belong to the host. */
export interface UserChanges {
  /** Fails with `conflict` when the id is in use, `already_exists` when another user has the address. */
  "insert-user": { readonly user: User };
  /**
   * Replaces the user. Fails with `not_found` when it is missing, `stale_revision` unless the stored revision is one less than the new one,
   * and `already_exists` when another user has the address.
   */
  "update-user": { readonly user: User };
  /**
   * Removes the user with identities, sessions, tokens, proofs and states of sign-ins. Fails with `not_found` when it is missing,
   * `stale_revision` unless it is at `expected`.
   */
  "delete-user": { readonly userId: string; readonly expected: number };
  /** Fails with `already_exists` when that subject of the provider is somebody's, `not_found` when the user is missing. */
  "insert-identity": { readonly identity: StoredIdentity };
  /** Replaces what the provider says of the person. An identity that is gone stays so. */
  "update-identity": { readonly identity: StoredIdentity };
  /** Replaces the digest of a password where it still is `before`. */
  "update-password": { readonly userId: string; readonly before: string; readonly digest: string };
  /** Fails with `not_found` when the user has no such identity, `in_use` when it is the last. */
  "delete-identity": { readonly userId: string; readonly identityId: string };
  /** Takes the password away, though it be the last way to sign in. Without one nothing happens. */
  "delete-password": { readonly userId: string };
}

/** Reads of users and of their ways to sign in. */
export interface UserReads {
  get(id: string): Promise<User | null>;
  /** By an address in lower case. */
  byEmail(email: string): Promise<User | null>;
  /** Newest first. `query`: the address begins with it. */
  list(page: Page & { readonly query?: string | undefined }): Promise<readonly User[]>;
  /** The identity and its user. */
  byIdentity(provider: string, subject: string): Promise<{ readonly identity: StoredIdentity; readonly user: User } | null>;
  /** At most 50, oldest first. */
  identities(userId: string): Promise<readonly StoredIdentity[]>;
}
