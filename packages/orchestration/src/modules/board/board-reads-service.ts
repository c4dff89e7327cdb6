import type { Block, BlockDetail, BoardLanes, BoardPage, BoardSort } from "@millrace/contracts";
import { notFound, type BlockFilter } from "@millrace/kernel";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { LookedUpOn } from "../../platform/resolve-block.js";
import { OPEN_STATUSES } from "./board.logic.js";
import type { BoardCalls } from "./board-calls.js";

/** Tasks that wait for a task which are told. */
const MOST_NEEDING = 200;

interface Paged {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** Reads of boards. Each is a fixed number of indexed queries, whatever the size of the board. */
export class BoardReads {
  readonly #ports: Pick<OrchestrationPorts, "store" | "clock">;
  readonly #calls: Pick<BoardCalls, "summarize" | "resolve">;

  constructor(ports: Pick<OrchestrationPorts, "store" | "clock">, calls: Pick<BoardCalls, "summarize" | "resolve">) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /**
   * Blocks in the order in which they were added: those that are stored on the board; of a parent on another board that it shows, those.
   * @throws MillraceError `not_found` for a parent that the board does not show.
   */
  async list({
    workspace,
    limit,
    after,
    ...filter
  }: BlockFilter & Paged & { readonly workspace: LookedUpOn }): Promise<{ readonly items: Block[]; readonly nextAfter: string | null }> {
    const { parentId } = filter;
    const homeId = parentId === undefined ? workspace.id : (await this.#calls.resolve(workspace, parentId)).homeId;
    const { rows, next } = await this.#ports.store.blocks.list(homeId, filter, { limit, after });
    return { items: [...rows], nextAfter: next };
  }

  /**
   * A block with what hangs on it; one that was removed from the board too.
   * @throws MillraceError `not_found`.
   */
  async get({ workspace, blockId }: { readonly workspace: LookedUpOn; readonly blockId: string }): Promise<BlockDetail> {
    const { blocks, dependencies } = this.#ports.store;
    const { homeId } = await this.#calls.resolve(workspace, blockId);
    const [found, on, by] = await Promise.all([
      blocks.withRun(homeId, blockId),
      dependencies.of(homeId, [blockId]),
      dependencies.on(homeId, blockId, MOST_NEEDING),
    ]);
    if (found === null) throw notFound("block", blockId);
    const edges = { dependsOn: on.map(({ onId }) => onId), neededBy: by.map((each) => each.blockId) };
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
