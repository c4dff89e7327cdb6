/**
 * Delivers the events of notifications through a channel, from the log of the store.
 *
 * Owns: the order of the steps of a pass. Does not own: channels, which send; the rules of attempts (`delivery.logic.ts`).
 * 1. A delivery is a row before it is sent. What ends between the sending and its record is sent again, under the same key: at least once.
 * 2. The deliveries of a channel are sent one after the other in the order of the log; one that fails holds up those behind it.
 * 3. One process at a time delivers for a channel, by a lease. Every record is guarded by the revision of the channel's progress, so a
 *    process that lost its lease records nothing.
 * 4. A channel begins with the events after its first pass: what happened before is not sent.
 * 5. A pass that finds nothing due costs three index lookups and writes nothing.
 */
import { hasPassed, isMillraceError, logFailure, type ChannelProgress, type Delivery, type NotificationChannel } from "@millrace/kernel";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { attempted, deliveryKey, isDueAt, isNotificationEvent, owedDeliveries, type AttemptOutcome } from "./delivery.logic.js";

/** Time a process has for one delivery before another may take the channel up, in ms. */
const LEASE_MS = 60_000;
/** Events of the log that one pass reads. */
const MAX_EVENTS = 200;

/** Bounds of one pass. */
export interface DeliveryPass {
  readonly now: number;
  readonly limit: number;
  readonly signal: AbortSignal;
}

type DeliveryPorts = Pick<OrchestrationPorts, "store" | "clock" | "log">;

/** Deliveries of the channels of a host. */
export class DeliveryService {
  readonly #ports: DeliveryPorts;

  constructor(ports: DeliveryPorts) {
    this.#ports = ports;
  }

  /**
   * One pass: makes the deliveries that the channel is owed, and sends those that are due at `now` (epoch ms), at most `limit` (1..200).
   * Returns how many it sent; 0 when another process has the channel.
   */
  async deliver(channel: NotificationChannel, { now, limit, signal }: DeliveryPass): Promise<number> {
    const { deliveries, events } = this.#ports.store;
    const progress = await this.#progressOf(channel.name);
    if (progress === null || !hasPassed(progress.leaseUntil, now, LEASE_MS)) return 0;
    const pending = await deliveries.pending(channel.name, limit);
    const news = await events.outsideRuns(progress.cursor, MAX_EVENTS);
    const owed = owedDeliveries(progress, news);
    const queue = [...pending, ...owed].slice(0, limit);
    const isDue = queue[0] !== undefined && isDueAt(queue[0], now);
    if (news.length === 0 && !isDue) return 0;
    const cursor = news.at(-1)?.cursor ?? progress.cursor;
    const taken = { ...progress, cursor, made: progress.made + owed.length, leaseUntil: isDue ? now + LEASE_MS : 0 };
    const mine = await this.#put(taken, owed);
    return mine === null || !isDue ? 0 : this.#send(channel, mine, queue, signal);
  }

  async #send(channel: NotificationChannel, taken: ChannelProgress, queue: readonly Delivery[], signal: AbortSignal): Promise<number> {
    const { clock, log } = this.#ports;
    let progress: ChannelProgress | null = taken;
    let sent = 0;
    for (const delivery of queue) {
      if (signal.aborted || !isDueAt(delivery, clock.now())) break;
      const outcome = await this.#attempt(channel, delivery, signal);
      if (outcome === null) break;
      const after = attempted(delivery, outcome, clock.now());
      progress = await this.#put({ ...progress, leaseUntil: clock.now() + LEASE_MS }, [after]);
      if (progress === null) return sent;
      sent += 1;
      if (after.status === "dead")
        logFailure(log, "delivery-dead", new Error(after.lastError ?? "unknown"), {
          delivery: deliveryKey(after),
          attempts: after.attempts,
        });
      if (after.status === "pending") break;
    }
    await this.#put({ ...progress, leaseUntil: 0 }, []);
    return sent;
  }

  /** Null when the pass was stopped in the middle of it: the outcome is unknown, so it does not count as an attempt. */
  async #attempt(channel: NotificationChannel, delivery: Delivery, signal: AbortSignal): Promise<AttemptOutcome | null> {
    const { workspaceId, cursor, entry, attempts } = delivery;
    const { event, at, actor } = entry;
    if (!isNotificationEvent(event)) throw new TypeError("only events of notifications are owed");
    const notification = await this.#ports.store.notifications.get(workspaceId, event.notificationId);
    const key = deliveryKey(delivery);
    try {
      return await channel.deliver({ key, cursor, workspaceId, at, actor, event, notification, attempt: attempts + 1 }, signal);
    } catch (error) {
      if (signal.aborted) return null;
      logFailure(this.#ports.log, "delivery-failed", error, { delivery: key, attempt: attempts + 1 });
      return { is: "failed", error: error instanceof Error ? error.message : "unknown" };
    }
  }

  /** The channel's progress; of a new channel, from the end of the log. Null when another process just made it. */
  async #progressOf(channel: string): Promise<ChannelProgress | null> {
    const { deliveries, events } = this.#ports.store;
    const known = await deliveries.progress(channel);
    return known ?? this.#put({ channel, cursor: await events.end(), made: 0, leaseUntil: 0, revision: 0 }, []);
  }

  /** Writes the next revision of the progress, and deliveries with it. Null when another process was first. */
  async #put(progress: ChannelProgress, deliveries: readonly Delivery[]): Promise<ChannelProgress | null> {
    const next = { ...progress, revision: progress.revision + 1 };
    try {
      await this.#ports.store.commit([
        { change: "put-channel-progress", progress: next },
        ...deliveries.map((delivery) => ({ change: "put-delivery", delivery }) as const),
      ]);
      return next;
    } catch (error) {
      if (isMillraceError(error, "stale_revision")) return null;
      throw error;
    }
  }
}
