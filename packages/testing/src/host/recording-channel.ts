import type { DeliveryResult, NotificationChannel, NotificationDelivery } from "@millrace/kernel";

/** A channel that keeps what it is given instead of sending it. */
export interface RecordingChannel extends NotificationChannel {
  /** Every attempt in its order, repetitions and failures included. */
  readonly attempts: readonly NotificationDelivery[];
  /** What was delivered, each once: the first attempt of its key that succeeded. */
  readonly delivered: readonly NotificationDelivery[];
}

/** What a recording channel is called and how it answers. */
export interface RecordingChannelOptions {
  /** Default `recording`. */
  readonly name?: string;
  /** Answers an attempt, or throws as a channel does. Default: everything is delivered. */
  readonly answer?: (delivery: NotificationDelivery, signal: AbortSignal) => DeliveryResult | Promise<DeliveryResult>;
}

/** A channel for tests. It drops repetitions by their key, as a receiver does. */
export function createRecordingChannel(options: RecordingChannelOptions = {}): RecordingChannel {
  const { name = "recording", answer = () => ({ is: "delivered" }) } = options;
  const attempts: NotificationDelivery[] = [];
  const delivered = new Map<string, NotificationDelivery>();
  return {
    name,
    attempts,
    get delivered() {
      return [...delivered.values()];
    },
    async deliver(delivery, signal) {
      attempts.push(delivery);
      const result = await answer(delivery, signal);
      if (result.is === "delivered" && !delivered.has(delivery.key)) delivered.set(delivery.key, delivery);
      return result;
    },
  };
}
