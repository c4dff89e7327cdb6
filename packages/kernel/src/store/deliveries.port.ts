import type { BoardEvent } from "@millrace/contracts";
import type { Cursor } from "./events.port.js";

/** Position of a channel in the log of this store, and the lease of the process that delivers for it. */
export interface ChannelProgress {
  readonly channel: string;
  /** Every event up to this position has its delivery, if it needs one. */
  readonly cursor: Cursor;
  /** Deliveries that were made: the number of the last one. */
  readonly made: number;
  /** End of the lease, in epoch ms. In the past: no process delivers for the channel. */
  readonly leaseUntil: number;
  /** Number of changes, from 1. Guards them. */
  readonly revision: number;
}

/** One event of the log for one channel. */
export interface Delivery {
  readonly channel: string;
  /** Place among the deliveries of the channel, from 1: the order in which they are sent. */
  readonly number: number;
  /** Position of the event in the log. With the channel it identifies the delivery. */
  readonly cursor: Cursor;
  readonly workspaceId: string;
  readonly entry: BoardEvent;
  /** `pending`: to be sent, for the first time or again. `dead`: given up. */
  readonly status: "pending" | "delivered" | "dead";
  /** Number of attempts. */
  readonly attempts: number;
  /** Earliest time of the next attempt, in epoch ms. */
  readonly nextAttemptAt: number;
  /** Failure of the last attempt; null when there was none. */
  readonly lastError: string | null;
}

/**
 * Changes of deliveries. They belong to the host: a channel delivers for every workspace of the store. A commit that puts deliveries puts
 * the progress of their channel as well, whose revision is the guard of both.
 */
export interface DeliveryChanges {
  /** Fails with `stale_revision` unless the stored revision is one less; a channel that is not there yet has revision 0. */
  "put-channel-progress": { readonly progress: ChannelProgress };
  /** Keyed by channel and number: putting it again replaces it. */
  "put-delivery": { readonly delivery: Delivery };
  /** Removes the deliveries of a workspace that are not pending and whose event is older than `before` (epoch ms), at most `limit` of them. */
  "trim-deliveries": { readonly ofWorkspace: string; readonly before: number; readonly limit: number };
}

/** Reads of deliveries. */
export interface DeliveryReads {
  /** Null for a channel that is not there yet. */
  progress(channel: string): Promise<ChannelProgress | null>;
  /** The pending deliveries of a channel in their order, at most `limit` (1..200). Costs one index lookup when there are none. */
  pending(channel: string, limit: number): Promise<readonly Delivery[]>;
}
