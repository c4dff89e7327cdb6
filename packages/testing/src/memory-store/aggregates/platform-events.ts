import type { AccountEventChanges, Cursor, HostEventChanges, PlatformEventReads } from "@millrace/kernel";
import { unknownCursor } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { checkLimit } from "../paging.js";
import type { MemoryTables } from "../tables.js";

const MAX_EVENTS = 1000;

export const platformEventChanges: MemoryHandlers<AccountEventChanges & HostEventChanges> = {
  "append-account-event"(draft, { accountId, event }) {
    const { accountEvents } = draft.tables;
    const position = accountEvents.size + 1;
    draft.set(accountEvents, position, { cursor: String(position), accountId, entry: event });
  },
  "append-host-event"(draft, { event }) {
    const { hostEvents } = draft.tables;
    const position = hostEvents.size + 1;
    draft.set(hostEvents, position, { cursor: String(position), entry: event });
  },
};

export function platformEventReads({ accountEvents, hostEvents }: MemoryTables): PlatformEventReads {
  return {
    ofAccount: async (accountId, after, limit) => pageAfter(accountEvents, after, limit, (event) => event.accountId === accountId),
    ofHost: async (after, limit) => pageAfter(hostEvents, after, limit, () => true),
  };
}

function pageAfter<Event>(
  events: ReadonlyMap<number, Event>,
  after: Cursor,
  limit: number,
  matches: (event: Event) => boolean,
): readonly Event[] {
  if (!/^\d+$/.test(after)) throw unknownCursor(after);
  const found = [...events].filter(([position, event]) => position > Number(after) && matches(event)).map(([, event]) => event);
  return copyOf(found.slice(0, checkLimit(limit, MAX_EVENTS)));
}
