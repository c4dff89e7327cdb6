import type { Block, MergePreset } from "@millrace/contracts";
import type { Cursor, LoggedEvent, Page, RunRecord, RunContext, RunContextQuery, RunSummary, Store } from "@millrace/kernel";
import { MillraceError, unknownCursor } from "@millrace/kernel";
import { isLive } from "./apply-change.js";
import { copyOf } from "./copy.logic.js";
import type { MemoryTables } from "./tables.js";
import { keyOf } from "./tables.js";

const MAX_DEPTH = 8;
const MAX_PAGE = 200;
const MAX_EVENTS = 1000;

/** The reads of the store. Lists are sorted on demand: this store is for tests, not for a million rows. */
export function memoryReads(tables: MemoryTables): Omit<Store, "commit"> {
  return {
    workspaces: {
      get: async (id) => copy(tables.workspaces.get(id)),
      list: async (page) => paged([...tables.workspaces.values()].toSorted(oldestFirst), page),
    },
    blocks: {
      get: async (workspaceId, id) => copy(tables.blocks.get(keyOf(workspaceId, id))),
      children: async (workspaceId, parentId, page) => {
        const known = [...tables.blocks.values()].filter((block) => block.workspaceId === workspaceId).toSorted(oldestFirst);
        return paged(known, page, (block) => block.parentId === parentId);
      },
      moduleByTitle: async (workspaceId, parentId, title) =>
        copy(
          [...tables.blocks.values()]
            .toSorted(oldestFirst)
            .find(
              (block) =>
                block.workspaceId === workspaceId && block.parentId === parentId && block.level === "module" && block.title === title,
            ),
        ),
    },
    pipelines: {
      get: async (workspaceId, id) => copy(tables.pipelines.get(keyOf(workspaceId, id))?.pipeline),
      list: async (workspaceId, page) => {
        const own = [...tables.pipelines.values()].filter((row) => row.workspaceId === workspaceId).map((row) => row.pipeline);
        const rest = own.toSorted(byId).filter((pipeline) => pipeline.id > (page.after ?? ""));
        return copyOf(rest.slice(0, checkLimit(page.limit, MAX_PAGE)));
      },
    },
    presets: {
      get: async (workspaceId, id) => copy(tables.presets.get(keyOf(workspaceId, id))),
      getDefault: async (workspaceId) => copy(defaultPreset(tables, workspaceId)),
    },
    ...runReads(tables),
    ...keyedReads(tables),
    ...sideReads(tables),
    events: {
      read: async (workspaceId, after, limit) => copyOf(eventsAfter(tables, workspaceId, after, checkLimit(limit, MAX_EVENTS))),
      ofRun: async (workspaceId, runId, afterSequence, limit) =>
        copyOf(
          [...tables.events.values()]
            .filter((event) => event.workspaceId === workspaceId && event.runId === runId && (event.sequence ?? 0) > afterSequence)
            .toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
            .slice(0, checkLimit(limit, MAX_EVENTS)),
        ),
    },
  };
}

function defaultPreset(tables: MemoryTables, workspaceId: string): MergePreset | undefined {
  return [...tables.presets.values()].toSorted(byId).find((preset) => preset.workspaceId === workspaceId && preset.isDefault);
}

function contextOf(tables: MemoryTables, { workspaceId, blockId: id, runId }: RunContextQuery): RunContext {
  const path: Block[] = [];
  for (let at = tables.blocks.get(keyOf(workspaceId, id)); at !== undefined && path.length < MAX_DEPTH;) {
    path.push(copyOf(at));
    at = at.level === "service" || at.parentId === null ? undefined : tables.blocks.get(keyOf(workspaceId, at.parentId));
  }
  const presetId = path[0]?.presetId ?? null;
  const own = presetId === null ? undefined : tables.presets.get(keyOf(workspaceId, presetId));
  return {
    revision: runId === null ? null : (tables.runs.get(keyOf(workspaceId, runId))?.revision ?? null),
    path,
    workspace: copy(tables.workspaces.get(workspaceId)),
    preset: copy(own ?? defaultPreset(tables, workspaceId)),
  };
}

/** Positions have no gaps here, so a reader costs what is new to it and not the whole log. */
function eventsAfter({ events }: MemoryTables, workspaceId: string, after: Cursor, limit: number): readonly LoggedEvent[] {
  if (!/^\d+$/.test(after)) throw unknownCursor(after);
  const found: LoggedEvent[] = [];
  for (let position = Number(after) + 1; position <= events.size && found.length < limit; position += 1) {
    const event = events.get(position);
    if (event?.workspaceId === workspaceId) found.push(event);
  }
  return found;
}

function runReads(tables: MemoryTables): Pick<Store, "runs"> {
  return {
    runs: {
      get: async (workspaceId, id) => copy(tables.runs.get(keyOf(workspaceId, id))),
      revision: async (workspaceId, id) => tables.runs.get(keyOf(workspaceId, id))?.revision ?? null,
      context: async (query) => contextOf(tables, query),
      liveOfBlock: async (workspaceId, blockId) => {
        const key = tables.liveRuns.get(keyOf(workspaceId, blockId));
        const record = key === undefined ? undefined : tables.runs.get(key);
        return record === undefined ? null : summary(record);
      },
      list: async (workspaceId, filter, page) => {
        const known = [...tables.runs.values()]
          .filter((run) => run.workspaceId === workspaceId)
          .toSorted(oldestFirst)
          .toReversed();
        const matches = (run: RunRecord): boolean =>
          (filter.blockId === undefined || run.blockId === filter.blockId) &&
          (filter.live === undefined || isLive(run.status) === filter.live) &&
          (filter.paused === undefined || (run.status === "paused") === filter.paused);
        return paged(known, page, matches).map(summary);
      },
    },
  };
}

function keyedReads(tables: MemoryTables): Pick<Store, "outputs" | "notifications" | "usage"> {
  return {
    outputs: {
      get: async (workspaceId, key) => tables.outputs.get(keyOf(workspaceId, key)) ?? null,
      getMany: async (workspaceId, keys) =>
        new Map(
          keys.flatMap((key) => {
            const text = tables.outputs.get(keyOf(workspaceId, key));
            return text === undefined ? [] : [[key, text] as const];
          }),
        ),
    },
    notifications: {
      open: async (workspaceId, page) => {
        const known = [...tables.notifications.values()]
          .filter((notification) => notification.workspaceId === workspaceId)
          .toSorted(oldestFirst);
        return paged(known, page, (notification) => notification.status === "open");
      },
      ofRun: async (workspaceId, runId) =>
        copyOf(
          [...tables.notifications.values()]
            .filter((notification) => notification.workspaceId === workspaceId && notification.runId === runId)
            .toSorted(oldestFirst),
        ),
      overdue: async (now, limit) =>
        copyOf(
          [...tables.notifications.values()]
            .filter((notification) => notification.status === "open" && notification.severity === "normal" && notification.urgentAt <= now)
            .toSorted((a, b) => a.urgentAt - b.urgentAt || (a.id < b.id ? -1 : 1))
            .slice(0, checkLimit(limit, MAX_PAGE)),
        ),
    },
    usage: {
      ofRun: async (workspaceId, runId) =>
        copyOf(
          [...tables.usage.values()]
            .filter((row) => row.workspaceId === workspaceId && row.runId === runId)
            .toSorted((a, b) => a.at - b.at || compare(a.key, b.key)),
        ),
    },
  };
}

function sideReads(tables: MemoryTables): Pick<Store, "reviews" | "spend" | "activations"> {
  return {
    reviews: {
      get: async (workspaceId, id) => copy(tables.reviews.get(keyOf(workspaceId, id))),
      latest: async (workspaceId, blockId, kind) =>
        copy(
          [...tables.reviews.values()]
            .filter((review) => review.workspaceId === workspaceId && review.blockId === blockId && review.kind === kind)
            .toSorted((a, b) => a.createdAt - b.createdAt || a.iteration - b.iteration || byId(a, b))
            .at(-1),
        ),
      items: async (workspaceId, reviewId) =>
        copyOf(
          [...tables.reviewItems.values()]
            .filter((item) => item.workspaceId === workspaceId && item.reviewId === reviewId)
            .toSorted((a, b) => a.position - b.position || byId(a, b)),
        ),
    },
    spend: {
      total: async (workspaceId, scope) => ({
        ...(tables.spend.get(keyOf(workspaceId, scope)) ?? { settledMicros: 0, reservedMicros: 0 }),
      }),
    },
    activations: {
      get: async (workspaceId, runId, vendor) => copy(tables.activations.get(keyOf(workspaceId, runId, vendor))),
      deleteExpired: async (now) => {
        const expired = [...tables.activations].filter(([, row]) => row.expiresAt < now);
        for (const [key] of expired) tables.activations.delete(key);
        return expired.length;
      },
    },
  };
}

/** `after` may name a row that no longer matches: its place in the order is what counts. */
function paged<Row extends { readonly id: string }>(
  sorted: readonly Row[],
  page: Page,
  matches: (row: Row) => boolean = () => true,
): readonly Row[] {
  const limit = checkLimit(page.limit, MAX_PAGE);
  const { after } = page;
  const place = after === undefined ? -1 : sorted.findIndex((row) => row.id === after);
  if (after !== undefined && place < 0) {
    throw new MillraceError("validation", `'${after}' is not a row of this list`, {
      fix: "Pass the id of the last row of the page before, or leave it out to start again.",
      details: { after },
    });
  }
  return copyOf(
    sorted
      .slice(place + 1)
      .filter(matches)
      .slice(0, limit),
  );
}

function checkLimit(limit: number, max: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw new MillraceError("validation", `limit must be a whole number from 1 to ${max}, not ${limit}`, {
    fix: `Ask for 1 to ${max} rows a page.`,
    details: { limit, max },
  });
}

function summary({ id, workspaceId, blockId, status, revision, createdAt, updatedAt }: RunRecord): RunSummary {
  return { id, workspaceId, blockId, status, revision, createdAt, updatedAt };
}

function copy<T>(value: T | undefined): T | null {
  return value === undefined ? null : copyOf(value);
}

function oldestFirst(
  a: { readonly createdAt: number; readonly id: string },
  b: { readonly createdAt: number; readonly id: string },
): number {
  return a.createdAt - b.createdAt || byId(a, b);
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
