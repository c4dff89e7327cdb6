import type { BoardEvent, RunEvent } from "@millrace/contracts";
import type { AuditEntry, Cursor, EventChanges, EventReads, LoggedBoardEvent, LoggedEvent } from "@millrace/kernel";
import { auditOfBoard, auditOfRun, unknownCursor } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { checkLimit } from "../paging.js";
import { needsRun, needsWorkspace, stale } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

const MAX_EVENTS = 1000;

export const eventChanges: MemoryHandlers<EventChanges> = {
  "append-run-events"(draft, { workspaceId, runId, blockId = null, firstSequence, events }) {
    const { sequences } = draft.tables;
    for (const [index, event] of events.entries()) {
      const sequence = firstSequence + index;
      const key = keyOf(workspaceId, runId, sequence);
      if (sequences.has(key)) throw stale(`run '${runId}' has an event at position ${sequence} already`, { id: runId, sequence });
      needsRun(draft, workspaceId, runId);
      draft.set(sequences, key, appendEvent(draft, { workspaceId, runId, sequence, entry: event }));
      appendAudit(draft, workspaceId, auditOfRun(event, runId, blockId));
    }
  },
  "append-board-event"(draft, { workspaceId, event }) {
    needsWorkspace(draft, workspaceId);
    appendEvent(draft, { workspaceId, runId: null, sequence: null, entry: event });
    appendAudit(draft, workspaceId, auditOfBoard(event));
  },
};

function appendAudit(draft: Draft, workspaceId: string, entry: AuditEntry | null): void {
  const { audit } = draft.tables;
  if (entry !== null) draft.set(audit, audit.size + 1, { workspaceId, ...entry });
}

interface UnplacedEvent {
  readonly workspaceId: string;
  readonly runId: string | null;
  readonly sequence: number | null;
  readonly entry: RunEvent | BoardEvent;
}

/** Appends an event. Returns its position in the log. */
export function appendEvent(draft: Draft, event: UnplacedEvent): number {
  const { events } = draft.tables;
  const position = events.size + 1;
  draft.set(events, position, { cursor: String(position), ...event });
  return position;
}

/** Positions have no gaps here, so a read costs the events after the cursor and not the whole log. */
function readAfter<Event extends LoggedEvent>(
  events: MemoryTables["events"],
  after: Cursor,
  limit: number,
  matches: (event: LoggedEvent) => event is Event,
): readonly Event[] {
  if (!/^\d+$/.test(after)) throw unknownCursor(after);
  const max = checkLimit(limit, MAX_EVENTS);
  const found: Event[] = [];
  for (let position = Number(after) + 1; position <= events.size && found.length < max; position += 1) {
    const event = events.get(position);
    if (event !== undefined && event !== null && matches(event)) found.push(event);
  }
  return copyOf(found);
}

export function eventReads({ events }: MemoryTables): Omit<EventReads, "isExpired"> {
  return {
    read: async (workspaceId, after, limit) =>
      readAfter(events, after, limit, (event): event is LoggedEvent => event.workspaceId === workspaceId),
    outsideRuns: async (after, limit) => readAfter(events, after, limit, (event): event is LoggedBoardEvent => event.runId === null),
    end: async () => String(events.size),
    ofRun: async (workspaceId, runId, afterSequence, limit) =>
      copyOf(
        [...events.values()]
          .filter((event) => event !== null)
          .filter((event) => event.workspaceId === workspaceId && event.runId === runId && (event.sequence ?? 0) > afterSequence)
          .toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
          .slice(0, checkLimit(limit, MAX_EVENTS)),
      ),
  };
}
