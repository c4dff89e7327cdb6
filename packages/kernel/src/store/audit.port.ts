import type { Actor, JsonValue } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** An event that says who did what, or what was decided on which evidence. It outlives the log of its run. */
export interface AuditEntry {
  /** Epoch ms. */
  readonly at: number;
  readonly actor: Actor;
  /** Id of the person that the actor acted for; null: for itself. */
  readonly onBehalfOf: string | null;
  readonly type: string;
  readonly blockId: string | null;
  readonly runId: string | null;
  /** What the log says, `type` among it. */
  readonly event: JsonValue;
}

/** An entry and its position in the list. */
export interface AuditedEvent extends AuditEntry {
  readonly position: string;
}

/** Entries that a list has; what is left out does not matter. */
export interface AuditFilter {
  /** Id of the actor. */
  readonly actor?: string | undefined;
  readonly type?: string | undefined;
  readonly blockId?: string | undefined;
  /** Not before, in epoch ms. */
  readonly from?: number | undefined;
  /** Before, in epoch ms. */
  readonly to?: number | undefined;
}

/** One page of a list by time. `after` is the position of the last entry of the page before. */
export interface AuditPage extends Page {
  /** Default: newest first. */
  readonly order?: "newest" | "oldest";
}

/**
 * Reads of the audit. Its entries are written with the events they repeat (`auditOf`), in the same commit; no other change writes them.
 * A page has at most 200 entries, or 1,000 of the oldest first.
 */
export interface AuditReads {
  /** @throws MillraceError `validation` for an `after` that is no position. */
  ofWorkspace(workspaceId: string, filter: AuditFilter, page: AuditPage): Promise<readonly AuditedEvent[]>;
  /** Every event of an account. No block is in one. */
  ofAccount(accountId: string, filter: AuditFilter, page: AuditPage): Promise<readonly AuditedEvent[]>;
}
