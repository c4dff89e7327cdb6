import type { LandingChanges, LandingReads } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { checkLimit, MAX_PAGE } from "../paging.js";
import { needsRun } from "../row-checks.js";
import { keyOf, type MemoryLanding, type MemoryTables } from "../tables.js";

export const landingChanges: MemoryHandlers<LandingChanges> = {
  "join-landing-queue"(draft, { workspaceId, runId, lane }) {
    needsRun(draft, workspaceId, runId);
    const { landings } = draft.tables;
    if (landings.has(keyOf(workspaceId, runId))) return;
    const last = lineOf(landings, workspaceId, lane).at(-1);
    draft.set(landings, keyOf(workspaceId, runId), { workspaceId, runId, lane, ticket: (last?.ticket ?? 0) + 1 });
  },
  "leave-landing-queue"(draft, { workspaceId, runId }) {
    draft.delete(draft.tables.landings, keyOf(workspaceId, runId));
  },
};

export function landingReads({ landings }: MemoryTables): LandingReads {
  return {
    async position(workspaceId, runId) {
      const mine = landings.get(keyOf(workspaceId, runId));
      if (mine === undefined) return null;
      return { lane: mine.lane, ahead: lineOf(landings, workspaceId, mine.lane).indexOf(mine) };
    },
    async line(workspaceId, lane, limit) {
      const count = checkLimit(limit, MAX_PAGE);
      return lineOf(landings, workspaceId, lane)
        .slice(0, count)
        .map(({ runId }) => runId);
    },
  };
}

function lineOf(landings: MemoryTables["landings"], workspaceId: string, lane: string): readonly MemoryLanding[] {
  return [...landings.values()]
    .filter((row) => row.workspaceId === workspaceId && row.lane === lane)
    .toSorted((a, b) => a.ticket - b.ticket || (a.runId < b.runId ? -1 : 1));
}
