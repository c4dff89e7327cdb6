import type { Block, Layout, Position } from "@millrace/contracts";
import { MillraceError, notFound, type Change } from "@millrace/kernel";
import { appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { LookedUpOn, ResolveBlock } from "../../platform/resolve-block.js";
import { requireHolder, requireOnBoard } from "./structure.logic.js";

/** Blocks that one commit moves at most. */
const MAX_MOVED = 200;

/** A request about where a block is. */
export interface PlacementRequest {
  readonly workspace: LookedUpOn;
  readonly blockId: string;
  readonly by: Authorship;
}

/** What placing needs of others. */
export interface PlacementCalls {
  readonly resolve: ResolveBlock;
  /** Draws a service elsewhere on a board, its own or one of another board. */
  readonly putLayout: (request: {
    readonly workspace: LookedUpOn;
    readonly serviceId: string;
    readonly by: Authorship;
    readonly position: Position;
    readonly expected: null;
  }) => Promise<Layout>;
}

/** Where blocks are drawn, and what they are in. */
export class PlacementService {
  readonly #store: OrchestrationPorts["store"];
  readonly #calls: PlacementCalls;

  constructor({ store }: Pick<OrchestrationPorts, "store">, calls: PlacementCalls) {
    this.#store = store;
    this.#calls = calls;
  }

  /**
   * Draws a block elsewhere; the last one wins.
   * @throws MillraceError `not_found`.
   */
  async move({ workspace, blockId, by, position }: PlacementRequest & { readonly position: Position }): Promise<Layout> {
    const { homeId, block } = await this.#calls.resolve(workspace, blockId);
    requireOnBoard(block);
    if (block.level === "service") return this.#calls.putLayout({ workspace, serviceId: blockId, by, position, expected: null });
    await this.#store.commit([...placed(block, position), this.#moved(block, block.parentId, by, position)]);
    const after = await this.#store.blocks.get(homeId, blockId);
    return { position, size: null, revision: after?.positionRevision ?? block.positionRevision + 1 };
  }

  /**
   * Puts a block into another one of the same home, with everything in it. Into another service it goes while no run of it is live, and its
   * runs go along.
   * @throws MillraceError `not_found`, `validation`, `run_in_progress`, `limit_reached`.
   */
  async reparent(request: PlacementRequest & { readonly parentId: string; readonly position?: Position | undefined }): Promise<Block> {
    const { workspace, blockId, parentId, by, position } = request;
    const { homeId, block } = await this.#calls.resolve(workspace, blockId);
    const parent = await this.#calls.resolve(workspace, parentId);
    requireOnBoard(block);
    requireOnBoard(parent.block);
    requireHolder(block, parent.block);
    if (parent.homeId !== homeId)
      throw new MillraceError("validation", `'${parent.block.title}' is stored on another board than '${block.title}'`, {
        fix: "name a service or a module of the same board",
        details: { blockId, parentId },
      });
    await this.#store.commit([
      ...(await this.#alongWith(block, parent.block)),
      { change: "move-block", workspaceId: homeId, id: blockId, parentId },
      ...(position === undefined ? [] : placed(block, position)),
      this.#moved(block, parentId, by, position),
    ]);
    const after = await this.#store.blocks.get(homeId, blockId);
    if (after === null) throw notFound("block", blockId);
    return after;
  }

  /** What changes with the service of a block: nothing of it runs meanwhile, and its runs are those of the new one. */
  async #alongWith(block: Block, parent: Block): Promise<readonly Change[]> {
    const { workspaceId } = block;
    const serviceId = await this.#serviceOf(parent);
    if (serviceId === (await this.#serviceOf(block))) return [];
    const inside = block.level === "task" ? [] : await this.#store.blocks.children(workspaceId, block.id, { limit: MAX_MOVED });
    if (inside.length >= MAX_MOVED)
      throw new MillraceError("limit_reached", `'${block.title}' holds ${MAX_MOVED} blocks or more: too many for one move`, {
        fix: "move what is in it first",
        details: { blockId: block.id, count: "blocks", limit: MAX_MOVED },
      });
    return [block, ...inside].flatMap(({ id }): Change[] => [
      { change: "keep-block-idle", workspaceId, id },
      { change: "place-runs", workspaceId, blockId: id, serviceId },
    ]);
  }

  async #serviceOf({ workspaceId, id, level }: Block): Promise<string> {
    if (level === "service") return id;
    const { path } = await this.#store.runs.context({ workspaceId, blockId: id, runId: null });
    return path.find((each) => each.level === "service")?.id ?? id;
  }

  #moved({ workspaceId, id: blockId }: Block, parentId: string | null, by: Authorship, position?: Position): Change {
    const at = position === undefined ? {} : { position };
    return appendBoardEvent(workspaceId, by, { type: "block-moved", blockId, parentId, ...at });
  }
}

function placed({ workspaceId, id }: Block, position: Position): readonly Change[] {
  return [
    { change: "revise-block", workspaceId, id, of: "position", expected: null },
    { change: "patch-block", workspaceId, id, patch: { position } },
  ];
}
