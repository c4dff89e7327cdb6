import type { Block, BoardCount } from "@millrace/contracts";
import type { BlockFilter, BlockPage, BlockReads, BlockWithRun, Page } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import { MAX_PAGE, checkLimit, compare } from "../paging.js";
import { keyOf, type MemoryTables } from "../tables.js";

type Sort = "age" | "cost" | "title";

/** Blocks of a workspace in the order of their inserts, removed ones among them. */
export function blocksOf({ blocks, blockNumbers }: MemoryTables, workspaceId: string): readonly Block[] {
  const sequenceOf = ({ id }: Block): number => blockNumbers.get(keyOf(workspaceId, id))?.sequence ?? 0;
  return [...blocks.values()].filter((block) => block.workspaceId === workspaceId).toSorted((a, b) => sequenceOf(a) - sequenceOf(b));
}

/** Unlike a database, a page looks at every block: it is short only at the end. */
export function blockLists(tables: MemoryTables): Pick<BlockReads, "list" | "listWithRuns" | "withRun" | "counts" | "countModules"> {
  const withRun = (block: Block): BlockWithRun => {
    const run = block.runId === null ? undefined : tables.runs.get(keyOf(block.workspaceId, block.runId));
    const cost = tables.spend.get(keyOf(block.workspaceId, `run/${block.runId}`));
    return copyOf({ block, run: run ?? null, cost: cost ?? { settledMicros: 0, reservedMicros: 0 } });
  };
  function pageOf(workspaceId: string, filter: BlockFilter, { limit, after }: Page, sort: Sort): BlockPage<BlockWithRun> {
    const rows = checkLimit(limit, MAX_PAGE);
    if (sort !== "age" && filter.status?.includes("done") === true) throw refused(`done tasks are not sorted by ${sort}`);
    const all = blocksOf(tables, workspaceId)
      .filter((block) => passes(tables, block, sort === "age" ? filter : { level: "task", status: OPEN, ...filter }))
      .map(withRun)
      .toSorted((a, b) => order(sort, a, b));
    const start = after === undefined ? 0 : all.findIndex(({ block }) => `${sort} ${block.id}` === after) + 1;
    if (after !== undefined && start === 0) throw refused(`'${after}' is no position of this list`);
    const shown = all.slice(start, start + rows);
    return { rows: shown, next: start + rows < all.length ? `${sort} ${shown.at(-1)?.block.id}` : null };
  }
  return {
    async list(workspaceId, filter, page) {
      const { rows, next } = pageOf(workspaceId, filter, page, "age");
      return { rows: rows.map(({ block }) => block), next };
    },
    listWithRuns: async (workspaceId, filter, { sort = "age", ...page }) => pageOf(workspaceId, filter, page, sort),
    async withRun(workspaceId, id) {
      const block = tables.blocks.get(keyOf(workspaceId, id));
      return block === undefined ? null : withRun(block);
    },
    async counts(workspaceId, lanes) {
      const tasks = blocksOf(tables, workspaceId).filter(({ level, removedAt }) => level === "task" && removedAt === null);
      const isDone = ({ status }: Block): boolean => status === "done";
      const counted = Map.groupBy(
        tasks.filter((task) => !isDone(task)),
        (task) => JSON.stringify([laneOf(tables, task, lanes), task.status]),
      );
      const open = [...counted].map(([, [first, ...others]]): BoardCount => {
        if (first === undefined) throw new Error("a group has a member");
        return { lane: laneOf(tables, first, lanes), status: first.status, count: others.length + 1 };
      });
      return {
        open: open.toSorted((a, b) => compare(a.lane ?? "", b.lane ?? "") || compare(a.status, b.status)),
        done: Math.min(1000, tasks.filter(isDone).length),
      };
    },
    countModules: async (workspaceId, serviceId) =>
      blocksOf(tables, workspaceId).filter(({ level, parentId }) => level === "module" && parentId === serviceId).length,
  };
}

const OPEN: readonly Block["status"][] = ["planned", "ready", "in_progress", "blocked", "pr_ready"];

function passes(tables: MemoryTables, block: Block, filter: BlockFilter): boolean {
  const key = keyOf(block.workspaceId, block.id);
  const run = block.runId === null ? undefined : tables.runs.get(keyOf(block.workspaceId, block.runId));
  const is = <Value>(wanted: Value | undefined, found: Value): boolean => wanted === undefined || wanted === found;
  return (
    block.removedAt === null &&
    is(filter.parentId, block.parentId) &&
    is(filter.level, block.level) &&
    (filter.status === undefined || (block.level === "task" && filter.status.includes(block.status))) &&
    (filter.taskType === undefined || (block.level === "task" && filter.taskType === block.taskType)) &&
    is(filter.pipelineId, block.pipelineId) &&
    (filter.serviceId === undefined || laneOf(tables, block, "service") === filter.serviceId) &&
    (filter.needsPerson !== true || run?.status === "waiting") &&
    block.title.toLowerCase().includes((filter.text ?? "").toLowerCase()) &&
    (tables.blockNumbers.get(key)?.updatedAt ?? 0) > (filter.updatedAfter ?? -1)
  );
}

function laneOf({ blocks }: MemoryTables, block: Block, lanes: Parameters<BlockReads["counts"]>[1]): string | null {
  const { workspaceId, parentId, pipelineId } = block;
  if (lanes === "none") return null;
  if (lanes === "pipeline") return pipelineId;
  const holder = parentId === null ? undefined : blocks.get(keyOf(workspaceId, parentId));
  return lanes === "service" && holder?.level === "module" ? holder.parentId : parentId;
}

function order(sort: Sort, a: BlockWithRun, b: BlockWithRun): number {
  const costOf = ({ cost }: BlockWithRun): number => cost.settledMicros + cost.reservedMicros;
  if (sort === "cost") return costOf(b) - costOf(a);
  return sort === "title" ? compare(a.block.title.toLowerCase(), b.block.title.toLowerCase()) : 0;
}

function refused(message: string): MillraceError {
  return new MillraceError("validation", message, { fix: "Ask again from the beginning." });
}
