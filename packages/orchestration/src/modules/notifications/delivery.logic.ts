/** Rules of deliveries: which events a channel is owed, and what an attempt makes of a delivery. */
import type { BoardEventBody, NotificationEvent } from "@millrace/contracts";
import { hasPassed, type ChannelProgress, type Delivery, type DeliveryResult, type LoggedBoardEvent } from "@millrace/kernel";

/** Attempts after which a delivery is given up. */
const MAX_ATTEMPTS = 10;
/** Pause after the first failed attempt, in ms; it doubles with each further one. */
const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 12 * 60 * 60_000;
const MAX_ERROR_CHARS = 1000;

/** Outcome of an attempt. `failed`: it is sent again. */
export type AttemptOutcome = DeliveryResult | { readonly is: "failed"; readonly error: string };

/** Whether the event is about a notification. */
export function isNotificationEvent(event: BoardEventBody): event is NotificationEvent {
  return "notificationId" in event;
}

/** The deliveries that the channel is owed for these events, the next ones behind those that were made. */
export function owedDeliveries({ channel, made }: ChannelProgress, events: readonly LoggedBoardEvent[]): readonly Delivery[] {
  return events
    .filter(({ entry }) => isNotificationEvent(entry.event))
    .map(({ entry, cursor, workspaceId }, index) => ({
      channel,
      number: made + index + 1,
      cursor,
      workspaceId,
      entry,
      status: "pending",
      attempts: 0,
      nextAttemptAt: 0,
      lastError: null,
    }));
}

/** Identity of a delivery for its receiver: the same for every attempt. */
export function deliveryKey({ channel, cursor }: Pick<Delivery, "channel" | "cursor">): string {
  return `${channel}/${cursor}`;
}

/** Whether the next attempt is due at `now` (epoch ms). */
export function isDueAt({ attempts, nextAttemptAt }: Pick<Delivery, "attempts" | "nextAttemptAt">, now: number): boolean {
  return hasPassed(nextAttemptAt, now, pauseAfter(attempts));
}

/** Pause after that many failed attempts, in ms. */
function pauseAfter(attempts: number): number {
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
}

/** The delivery after an attempt that ended at `at` (epoch ms). */
export function attempted(delivery: Delivery, outcome: AttemptOutcome, at: number): Delivery {
  const attempts = delivery.attempts + 1;
  switch (outcome.is) {
    case "delivered":
      return { ...delivery, attempts, status: "delivered", lastError: null };
    case "rejected":
      return { ...delivery, attempts, status: "dead", lastError: outcome.reason.slice(0, MAX_ERROR_CHARS) };
    case "failed": {
      const lastError = outcome.error.slice(0, MAX_ERROR_CHARS);
      if (attempts >= MAX_ATTEMPTS) return { ...delivery, attempts, status: "dead", lastError };
      return { ...delivery, attempts, lastError, nextAttemptAt: at + pauseAfter(attempts) };
    }
  }
}
