import type { Fragment } from "@millrace/contracts";
import type { Page } from "./page.port.js";
import type { ScopeRef } from "./requests.port.js";

/** Account or workspace that keeps fragments. */
export type FragmentOwner = Exclude<ScopeRef, { readonly of: "host" }>;

/** Changes of the fragments of an account, or of a workspace: each belongs to the scope of its owner. */
export interface FragmentChanges {
  /**
   * Adds a fragment in version 1. Fails with `already_exists` when the owner has one of that id, with `limit_reached` when it has `max`,
   * with `not_found` when the workspace is missing.
   */
  "insert-fragment": { readonly owner: FragmentOwner; readonly fragment: Omit<Fragment, "version">; readonly max: number };
  /**
   * Replaces a fragment; its version is one higher. Fails with `stale_revision` unless the version is `expected` (null: any), with
   * `not_found` when it is missing.
   */
  "update-fragment": { readonly owner: FragmentOwner; readonly fragment: Omit<Fragment, "version">; readonly expected: number | null };
  /** Without it does nothing. Fails with `stale_revision` unless the version is `expected` (null: any). */
  "delete-fragment": { readonly owner: FragmentOwner; readonly id: string; readonly expected: number | null };
  /** Hides what lower tiers have under the id, or shows it again; hidden or shown already, does nothing. */
  "hide-fragment": { readonly owner: FragmentOwner; readonly id: string; readonly hidden: boolean };
}

/** Fragments of an owner under some ids, and those of the ids that it hides. */
export interface OwnedFragments {
  readonly fragments: readonly Fragment[];
  readonly hidden: readonly string[];
}

/** Reads of fragments. */
export interface FragmentReads {
  get(owner: FragmentOwner, id: string): Promise<Fragment | null>;
  /** Ordered by id. `page.after` need not exist. */
  list(owner: FragmentOwner, page: Page): Promise<readonly Fragment[]>;
  /** Those of at most 200 ids, in no order. */
  some(owner: FragmentOwner, ids: readonly string[]): Promise<OwnedFragments>;
  /** Ids that the owner hides, in order; at most 1,000. */
  hidden(owner: FragmentOwner): Promise<readonly string[]>;
}
