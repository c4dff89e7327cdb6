/** Which deliveries were dealt with. GitHub sends one again when it saw no answer, and people press "redeliver". */
export interface DeliveryLog {
  has(id: string): Promise<boolean>;
  /** Called after the delivery did its work: one whose work failed may come again. */
  add(id: string): Promise<void>;
}

const DEFAULT_MAX = 10_000;

/** In memory, the oldest forgotten first. Enough for one process: a repeated nudge is harmless. */
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
