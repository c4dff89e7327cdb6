/**
 * Looks up what callers name by an id: the one way from an id to the workspace it is stored in.
 *
 * Owns: the order of the two places to look. Does not own: who may call (the door has seen that the caller is inside of the board).
 * 1. What is on the board itself is found there, and nothing else is read.
 * 2. What belongs to another board is found only through a mount of this one, and only in the account of this board: the account is part
 *    of the query, so an id of another account is missing, whatever rows there are.
 * 3. A board without an account shows its own services only.
 */
import { notFound, type MountedHome, type MountingBoard } from "@millrace/kernel";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { LookedUpOn, ResolveBlock, ResolveRun } from "../../platform/resolve-block.js";

export class ResolveService {
  readonly #store: OrchestrationPorts["store"];

  constructor({ store }: Pick<OrchestrationPorts, "store">) {
    this.#store = store;
  }

  readonly block: ResolveBlock = async (board, blockId) => {
    const own = await this.#store.blocks.get(board.id, blockId);
    if (own !== null) return { homeId: board.id, block: own, via: "own" };
    const home = await this.#throughMount(board, (mounting) => this.#store.mounts.homeOfBlock(mounting, blockId));
    const block = home === null ? null : await this.#store.blocks.get(home.homeId, blockId);
    if (block === null) throw notFound("block", blockId);
    return { homeId: block.workspaceId, block, via: "mount" };
  };

  readonly run: ResolveRun = async (board, runId) => {
    if ((await this.#store.runs.revision(board.id, runId)) !== null) return { homeId: board.id, via: "own" };
    const home = await this.#throughMount(board, (mounting) => this.#store.mounts.homeOfRun(mounting, runId));
    if (home === null) throw notFound("run", runId);
    return { homeId: home.homeId, via: "mount" };
  };

  async #throughMount(
    { id, accountId }: LookedUpOn,
    find: (mounting: MountingBoard) => Promise<MountedHome | null>,
  ): Promise<MountedHome | null> {
    return accountId === null ? null : find({ workspaceId: id, accountId });
  }
}
