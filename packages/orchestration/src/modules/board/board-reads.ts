import type { Block, BlockDetail, BoardLanes, BoardPage, BoardSort } from "@millrace/contracts";
import { notFound, type BlockFilter } from "@millrace/kernel";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { OPEN_STATUSES } from "./board.logic.js";
import type { BoardCalls } from "./board-calls.js";

interface Paged {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** Reads of boards. Each is a fixed number of indexed queries, whatever the size of the board. */
export class BoardReads {
  readonly #ports: Pick<OrchestrationPorts, "store" | "clock">;
  readonly #calls: Pick<BoardCalls, "summarize" | "dependencies">;

  constructor(ports: Pick<OrchestrationPorts, "store" | "clock">, calls: Pick<BoardCalls, "summarize" | "dependencies">) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /** Blocks in the order in which they were added. */
  async list({
    workspaceId,
    limit,
    after,
    ...filter
  }: BlockFilter & Paged & { readonly workspaceId: string }): Promise<{ readonly items: Block[]; readonly nextAfter: string | null }> {
    const { rows, next } = await this.#ports.store.blocks.list(workspaceId, filter, { limit, after });
    return { items: [...rows], nextAfter: next };
  }

  /**
   * A block with what hangs on it; one that was removed from the board too.
   * @throws MillraceError `not_found`.
   */
  async get({ workspaceId, blockId }: { readonly workspaceId: string; readonly blockId: string }): Promise<BlockDetail> {
    const [found, edges] = await Promise.all([
      this.#ports.store.blocks.withRun(workspaceId, blockId),
      this.#calls.dependencies(workspaceId, blockId),
    ]);
    if (found === null) throw notFound("block", blockId);
    return { block: found.block, ...edges, run: this.#calls.summarize(found, this.#ports.clock.now()) };
  }

  /** A page of the tasks of a board, with their runs, and the number of tasks by column and lane. */
  async page({
    workspaceId,
    limit,
    after,
    lanes,
    sort,
    status = OPEN_STATUSES,
    ...filter
  }: BlockFilter & Paged & { readonly workspaceId: string; readonly lanes: BoardLanes; readonly sort: BoardSort }): Promise<BoardPage> {
    const { blocks } = this.#ports.store;
    const [{ rows, next }, { open, done }] = await Promise.all([
      blocks.listWithRuns(workspaceId, { ...filter, status, level: "task" }, { limit, after, sort }),
      blocks.counts(workspaceId, lanes),
    ]);
    const now = this.#ports.clock.now();
    return {
      items: rows.map((found) => ({ block: found.block, run: this.#calls.summarize(found, now) })),
      nextAfter: next,
      counts: [...open],
      done,
    };
  }
}
