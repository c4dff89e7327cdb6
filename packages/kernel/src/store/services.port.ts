/**
 * The directory of the services of an account: which there are, and which boards show them. It lies with the account, so no commit spans it
 * and a board. A row that waits for a board to be as it says has a time at which a sweep looks (`dueAt`).
 */
import type { CatalogueItem, SharedService } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** A directory entry with what is under way. */
export interface DirectoryEntry extends SharedService {
  /** Its removal was asked for, and no board may begin to show it. */
  readonly isClosing: boolean;
  /** When to look whether its block is there, in epoch ms; null: nothing is under way. */
  readonly dueAt: number | null;
}

/** A board that shows a service. */
export interface ServiceShare {
  readonly accountId: string;
  readonly serviceId: string;
  readonly workspaceId: string;
  /** When to look whether the board has its mount, in epoch ms; null: nothing is under way. */
  readonly dueAt: number | null;
}

type ShareKey = Pick<ServiceShare, "accountId" | "serviceId" | "workspaceId">;

/** Changes of the directory of an account. */
export interface ServiceChanges {
  /**
   * Adds or replaces the entry of a service. Fails with `already_exists` when another service of the account works on the same folder of the
   * repository (compared without case), on one around it or on one in it; with `conflict` when the id is that of a service of another home.
   */
  "put-service": { readonly accountId: string; readonly service: SharedService; readonly dueAt: number | null };
  /**
   * Closes the entry: no other board may begin to show it. Fails with `in_use` while one does, unless `detach`; with `not_found` when it is
   * missing.
   */
  "close-service": { readonly accountId: string; readonly id: string; readonly detach: boolean; readonly dueAt: number };
  /** Takes the closing back. Fails with `not_found` when it is missing. */
  "reopen-service": { readonly accountId: string; readonly id: string };
  /** Removes the entry, and that boards show it. Fails with `not_found` when it is missing. */
  "withdraw-service": { readonly accountId: string; readonly id: string };
  /** Notes that a board shows the service. Fails with `not_found` unless the account has it and it is not closing. Repeating it sets `dueAt`. */
  "share-service": ServiceShare;
  /** Says when to look at the board again; null: it is as noted. One that is not noted stays so. */
  "settle-share": ServiceShare;
  /** The board shows it no longer. One that is not noted stays so. */
  "unshare-service": ShareKey;
}

/** Reads of the directory of an account. */
export interface ServiceReads {
  get(accountId: string, id: string): Promise<DirectoryEntry | null>;
  /** Oldest first, without those that are closing. */
  list(accountId: string, page: Page): Promise<readonly CatalogueItem[]>;
  /** Services of a home that other boards show, with those boards; at most `limit` (1..200). */
  sharesOfHome(accountId: string, homeId: string, limit: number): Promise<readonly ServiceShare[]>;
  /** Entries of the services of a home, at most `limit` (1..200), by id behind `after`. */
  ofHome(accountId: string, homeId: string, after: string | null, limit: number): Promise<readonly DirectoryEntry[]>;
  /** Services that a board shows, at most `limit` (1..200). */
  sharesOn(accountId: string, workspaceId: string, limit: number): Promise<readonly ServiceShare[]>;
  /** Boards that show a service, at most `limit` (1..200). */
  sharesOf(accountId: string, serviceId: string, limit: number): Promise<readonly ServiceShare[]>;
  /** Entries whose time has come, of all accounts, the longest due first, at most `limit` (1..200). Costs one index look-up when there are none. */
  due(now: number, limit: number): Promise<readonly DirectoryEntry[]>;
  /** Like `due`, of boards that show a service. */
  dueShares(now: number, limit: number): Promise<readonly ServiceShare[]>;
}
