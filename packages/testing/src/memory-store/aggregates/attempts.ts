import { tooManyAttempts, type AttemptChanges, type AttemptReads } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { sweep } from "../sweep.js";
import type { MemoryTables } from "../tables.js";

export const attemptChanges: MemoryHandlers<AttemptChanges> = {
  "count-attempt"(draft, { counterKey, at, windowMs, max }) {
    const { attempts } = draft.tables;
    const window = attempts.get(counterKey);
    // A window that began later than now is of a clock that was set back since.
    const isOver = window === undefined || window.startedAt + windowMs <= at || window.startedAt > at;
    if (!isOver && window.count >= max) throw tooManyAttempts(at + windowMs);
    draft.set(attempts, counterKey, isOver ? { startedAt: at, count: 1 } : { ...window, count: window.count + 1 });
  },
  "release-attempt"(draft, { counterKey }) {
    const { attempts } = draft.tables;
    const window = attempts.get(counterKey);
    if (window !== undefined && window.count > 0) draft.set(attempts, counterKey, { ...window, count: window.count - 1 });
  },
};

export function attemptReads({ attempts }: MemoryTables): AttemptReads {
  return { deleteOld: async (before, limit) => sweep(attempts, ({ startedAt }) => startedAt < before, limit) };
}
