import type { Actor, Notification, NotificationEvent } from "@millrace/contracts";
import type { Cursor } from "../store/events.port.js";

/** What a channel is asked to deliver: an event of a notification, and the notification. */
export interface NotificationDelivery {
  /** Idempotency key, `<channel>/<cursor>`: every attempt has the same, so that the receiver can drop a repetition. */
  readonly key: string;
  /** Position of the event in the log. */
  readonly cursor: Cursor;
  readonly workspaceId: string;
  /** When the event happened, in epoch ms, and by whom. */
  readonly at: number;
  readonly actor: Actor;
  readonly event: NotificationEvent;
  /** The notification as it is now, which may be further than the event: resolved, say. Null when it is gone. */
  readonly notification: Notification | null;
  /** 1 for the first. */
  readonly attempt: number;
}

/** `rejected`: the receiver will never take it; it is not sent again. */
export type DeliveryResult = { readonly is: "delivered" } | { readonly is: "rejected"; readonly reason: string };

/**
 * A way notifications leave the platform: chat, mail, a webhook. Each delivery is made at least once, and those of one channel one after
 * the other in the order of the log; a channel that is slow or fails holds up no other.
 */
export interface NotificationChannel {
  /** Unique in a host, and stable: its progress through the log is stored under it. */
  readonly name: string;
  /**
   * Sends one. Brings its own time limit, and ends early when `signal` aborts.
   * @throws MillraceError of any code, or any error: the same delivery is sent again later, under the same key.
   */
  deliver(delivery: NotificationDelivery, signal: AbortSignal): Promise<DeliveryResult>;
}
