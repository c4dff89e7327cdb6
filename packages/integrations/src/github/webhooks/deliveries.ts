/** Log of processed webhook deliveries. People can ask GitHub to send a delivery again ("Redeliver"). */
export interface DeliveryLog {
  /** Whether the delivery was processed. */
  has(id: string): Promise<boolean>;
  /** Called after a delivery was processed successfully, so that a failed one can be sent again. */
  add(id: string): Promise<void>;
}

const DEFAULT_MAX = 10_000;

/**
 * Creates a delivery log in memory that keeps the newest `max` ids (default 10,000). A delivery that is sent again
 * after a restart, or to another process, is processed twice, which is harmless.
 */
export function createMemoryDeliveries(max = DEFAULT_MAX): DeliveryLog {
  const known = new Set<string>();
  return {
    has: (id) => Promise.resolve(known.has(id)),
    add(id) {
      known.add(id);
      for (const oldest of known) {
        if (known.size <= max) break;
        known.delete(oldest);
      }
      return Promise.resolve();
    },
  };
}
