/**
 * Removes a block with everything in it.
 *
 * Owns: the order of the steps, from the block leaving the board until nothing of it is left. Does not own: which rows go with a block (the
 * store), how a run is stopped, the directory of services.
 * 1. Nothing is written before the home of the block is known and the caller may remove there.
 * 2. Live runs are stopped and seen to end before the block leaves the board; one that was started meanwhile, before its block goes.
 * 3. From the moment the block has left the board, the store refuses additions and starts in it, at any depth.
 * 4. Blocks go from the inside out, a bounded number in a commit. Each commit leaves a board that is whole, and the removal is a row until
 *    the last one: a process that dies leaves the rest to the sweep, and doing a step again changes nothing.
 * 5. Where a block has runs, its row stays beside them, off the board.
 */
import type { Actor, Block, Capability, Workspace } from "@millrace/contracts";
import { blockChanged, isMillraceError, logFailure, notFound, type Change, type Removal } from "@millrace/kernel";
import { appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { LookedUpOn, ResolveBlock, ResolvedBlock } from "../../platform/resolve-block.js";
import { resolveNotification } from "../../run/model/notification.logic.js";

/** Blocks of one commit. */
const BATCH = 100;
/** Refusals in a row after which a pass gives up: what is in the block keeps moving. */
const MAX_REFUSALS = 20;
/** Time after which the sweep takes a removal up that its caller has not ended, in ms. */
const TAKE_UP_MS = 60_000;
const REASON = "removed from the board";

type Home = Pick<Workspace, "id" | "accountId">;

/** What removing needs of others. */
export interface RemovalCalls {
  readonly resolve: ResolveBlock;
  /**
   * Stops the live runs of a block and of everything in it, and sees each end.
   * @throws MillraceError `conflict` while a merge is under way.
   */
  readonly tearDown: (request: {
    readonly workspaceId: string;
    readonly blockId: string;
    readonly actor: Actor;
    readonly reason: string;
  }) => Promise<unknown>;
  /**
   * Closes a service for other boards.
   * @throws MillraceError `in_use` while one shows it, unless `detach`.
   */
  readonly closeService: (home: Home, serviceId: string, detach: boolean) => Promise<void>;
  /** Takes a service that is gone off every board that shows it, and out of the directory. */
  readonly withdrawService: (home: Home, serviceId: string, by: Authorship) => Promise<void>;
}

/** A request to remove a block. */
export interface RemovalRequest {
  readonly workspace: LookedUpOn;
  readonly blockId: string;
  /** Of a service: take it off every other board that shows it. */
  readonly detach: boolean;
  readonly by: Authorship & { readonly actor: Actor };
  /** Revision of the block that the caller has seen; null: whatever is there. */
  readonly expected: number | null;
  /** Refuses a caller without a further capability. */
  readonly require: (capability: Capability) => void;
}

type RemovalPorts = Pick<OrchestrationPorts, "store" | "clock" | "log">;

/** Removes blocks with everything in them. */
export class RemovalService {
  readonly #ports: RemovalPorts;
  readonly #calls: RemovalCalls;

  constructor(ports: RemovalPorts, calls: RemovalCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /**
   * Removes a block with everything in it. One that is missing or was removed stays so.
   * @throws MillraceError `forbidden`, `in_use`, `stale_revision`; `conflict` while a merge in it is under way.
   */
  async remove(request: RemovalRequest): Promise<void> {
    const { workspace, blockId, detach, by, expected } = request;
    const found = await this.#find(workspace, blockId);
    if (found === null) return;
    const { homeId, block } = found;
    const isService = block.level === "service";
    if (isService) request.require("service.write");
    if (expected !== null && block.revision !== expected) throw blockChanged(blockId, expected);
    const home = homeId === workspace.id ? workspace : await this.#home(homeId);
    await this.#calls.tearDown({ workspaceId: homeId, blockId, actor: by.actor, reason: REASON });
    if (isService) await this.#calls.closeService(home, blockId, detach);
    await this.#begin(block, by, expected);
    await this.#finish(home, removalOf(block, by));
  }

  /** One pass over removals that their callers have not ended. Returns how many it ended. */
  async sweep(now: number, limit: number, signal: AbortSignal): Promise<number> {
    const { store, log } = this.#ports;
    let ended = 0;
    for (const removal of await store.removals.due(now, limit)) {
      if (signal.aborted) break;
      try {
        await this.#finish(await this.#home(removal.workspaceId), removal);
        ended += 1;
      } catch (error) {
        logFailure(log, "removal-not-ended", error, { blockId: removal.rootId });
      }
    }
    return ended;
  }

  async #find(workspace: LookedUpOn, blockId: string): Promise<ResolvedBlock | null> {
    try {
      const found = await this.#calls.resolve(workspace, blockId);
      return found.block.removedAt === null ? found : null;
    } catch (error) {
      if (!isMillraceError(error, "not_found")) throw error;
      return null;
    }
  }

  async #home(id: string): Promise<Home> {
    const home = await this.#ports.store.workspaces.get(id);
    if (home === null) throw notFound("workspace", id);
    return home;
  }

  async #begin(block: Block, by: RemovalRequest["by"], expected: number | null): Promise<void> {
    const { workspaceId, id, title } = block;
    await this.#ports.store.commit([
      { change: "revise-block", workspaceId, id, of: "block", expected },
      { change: "begin-removal", removal: removalOf(block, by), at: by.at },
      appendBoardEvent(workspaceId, by, { type: "block-removed", blockId: id, title }),
    ]);
  }

  /** From a block that has left the board to nothing left of it. Each step may have been done already. */
  async #finish(home: Home, removal: Removal): Promise<void> {
    const { store, clock } = this.#ports;
    const { workspaceId, rootId } = removal;
    let refusals = 0;
    for (;;) {
      const leaves = await store.removals.leaves(workspaceId, rootId, BATCH);
      try {
        await (leaves.length > 0 ? this.#removeAll(removal, leaves) : this.#removeRoot(removal));
        if (leaves.length === 0) break;
        refusals = 0;
      } catch (error) {
        refusals += 1;
        await this.#clearWay(removal, error, refusals);
      }
    }
    if (removal.level === "service") await this.#calls.withdrawService(home, rootId, authorOf(removal, clock.now()));
    await store.commit([{ change: "end-removal", workspaceId, rootId }]);
  }

  /** Another process may work on the same removal, and a run may have started before the block left the board. */
  async #clearWay({ workspaceId, actor }: Removal, error: unknown, refusals: number): Promise<void> {
    if (refusals >= MAX_REFUSALS) throw error;
    if (isMillraceError(error, "run_in_progress")) {
      const { blockId } = error.details ?? {};
      if (typeof blockId !== "string") throw error;
      await this.#calls.tearDown({ workspaceId, blockId, actor, reason: REASON });
    } else if (!isMillraceError(error, "not_found") && !isMillraceError(error, "conflict")) throw error;
  }

  async #removeRoot(removal: Removal): Promise<void> {
    const root = await this.#ports.store.blocks.get(removal.workspaceId, removal.rootId);
    if (root !== null) await this.#removeAll(removal, [root]);
  }

  async #removeAll(removal: Removal, blocks: readonly Block[]): Promise<void> {
    const { store, clock } = this.#ports;
    const { workspaceId, rootId, title } = removal;
    const at = clock.now();
    const by = authorOf(removal, at);
    const runIds = blocks.flatMap(({ runId }) => (runId === null ? [] : [runId]));
    const open: Change[] = [];
    for (const runId of runIds)
      for (const notification of await store.notifications.ofRun(workspaceId, runId))
        open.push(resolveNotification(notification, "dismissed", by));
    await store.commit([
      ...open,
      ...blocks.flatMap(({ id }): Change[] => [
        { change: "keep-block-idle", workspaceId, id },
        { change: "remove-block", workspaceId, id, at },
      ]),
      appendBoardEvent(workspaceId, by, { type: "block-removed", blockId: rootId, title, ids: blocks.map(({ id }) => id) }),
    ]);
  }
}

function removalOf({ workspaceId, id, title, level }: Block, { at, actor, onBehalfOf }: RemovalRequest["by"]): Removal {
  return { workspaceId, rootId: id, title, level, actor, onBehalfOf: onBehalfOf ?? null, dueAt: at + TAKE_UP_MS };
}

function authorOf({ actor, onBehalfOf }: Removal, at: number): RemovalRequest["by"] {
  return { at, actor, ...(onBehalfOf === null ? {} : { onBehalfOf }) };
}
