import type { DeliveryChanges, DeliveryReads } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { MAX_PAGE, checkLimit, copyOrNull } from "../paging.js";
import { stale } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const deliveryChanges: MemoryHandlers<DeliveryChanges> = {
  "put-channel-progress"(draft, { progress }) {
    const { channels } = draft.tables;
    const { channel, revision } = progress;
    const stored = channels.get(channel)?.revision ?? 0;
    if (stored !== revision - 1) throw stale(`channel '${channel}' is not at revision ${revision - 1} any more`, { channel, revision });
    draft.set(channels, channel, progress);
  },
  "put-delivery": (draft, { delivery }) => draft.set(draft.tables.deliveries, keyOf(delivery.channel, delivery.number), delivery),
};

export function deliveryReads({ channels, deliveries }: MemoryTables): DeliveryReads {
  return {
    progress: async (channel) => copyOrNull(channels.get(channel)),
    pending: async (channel, limit) =>
      copyOf(
        [...deliveries.values()]
          .filter((delivery) => delivery.channel === channel && delivery.status === "pending")
          .toSorted((a, b) => a.number - b.number)
          .slice(0, checkLimit(limit, MAX_PAGE)),
      ),
  };
}
