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
  "trim-deliveries"(draft, { ofWorkspace, before, limit }) {
    const { deliveries } = draft.tables;
    const over = [...deliveries].filter(([, row]) => row.workspaceId === ofWorkspace && row.status !== "pending" && row.entry.at < before);
    for (const [key] of over.toSorted(([, a], [, b]) => a.entry.at - b.entry.at).slice(0, limit)) draft.delete(deliveries, key);
  },
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
