import type { CatalogueItem, Layout, Mount, Position, ShownMount, Size } from "@millrace/contracts";
import { isMillraceError, MAX_MOUNTS, MillraceError, notFound, type Change } from "@millrace/kernel";
import { appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { LookedUpOn, ResolveBlock, ResolveRun } from "../../platform/resolve-block.js";
import { DirectoryService, SETTLE_MS } from "./directory-service.js";
import { ResolveService } from "./resolve-service.js";
import { freePlace } from "./sharing.logic.js";

/** A request about a service on a board. */
export interface OnBoard {
  readonly workspace: LookedUpOn;
  readonly serviceId: string;
  readonly by: Authorship;
}

interface PageRequest {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** One page of a list, and where the next one begins. */
export interface ListPage<Item> {
  readonly items: Item[];
  readonly nextAfter: string | null;
}

type SharingPorts = Pick<OrchestrationPorts, "store" | "clock" | "log">;

/** Services that several boards of an account show: the directory, the mounts, and the home of what a caller names. */
export class SharingService {
  readonly #ports: SharingPorts;
  readonly directory: DirectoryService;
  readonly resolveBlock: ResolveBlock;
  readonly resolveRun: ResolveRun;

  constructor(ports: SharingPorts) {
    this.#ports = ports;
    this.directory = new DirectoryService(ports);
    const { block, run } = new ResolveService(ports);
    this.resolveBlock = block;
    this.resolveRun = run;
  }

  /** Services of an account, oldest first, with the number of other boards that show each. */
  async catalogue({ accountId, ...page }: PageRequest & { readonly accountId: string }): Promise<ListPage<CatalogueItem>> {
    return pageOf(await this.#ports.store.services.list(accountId, page), page.limit, ({ id }) => id);
  }

  /** Services of other boards that a board shows, oldest first. */
  async mounts({ workspace, ...page }: PageRequest & { readonly workspace: LookedUpOn }): Promise<ListPage<ShownMount>> {
    const { id: workspaceId, accountId } = workspace;
    if (accountId === null) return { items: [], nextAfter: null };
    return pageOf(await this.#ports.store.mounts.list({ workspaceId, accountId }, page), page.limit, ({ serviceId }) => serviceId);
  }

  /**
   * Shows a service of another board of the account. One that is shown already stays as it is.
   * @param request `position`: default a free place.
   * @throws MillraceError `not_found`, `conflict` at home, `limit_reached`.
   */
  async mount({ workspace, serviceId, by, position }: OnBoard & { readonly position?: Position | undefined }): Promise<Mount> {
    const { store, clock } = this.#ports;
    const { id: workspaceId, accountId } = workspace;
    const entry = accountId === null ? null : await store.services.get(accountId, serviceId);
    if (accountId === null || entry === null || entry.isClosing) throw notFound("service", serviceId);
    if (entry.homeId === workspaceId)
      throw new MillraceError("conflict", `service '${serviceId}' is on this board already: it is its home`, { details: { serviceId } });
    const before = await store.mounts.get(workspaceId, serviceId);
    if (before !== null) return before;
    const place = position ?? freePlace(await this.#taken({ workspaceId, accountId }));
    const made = { workspaceId, serviceId, homeId: entry.homeId, position: place, size: null, revision: 1, createdAt: by.at };
    const share = { accountId, serviceId, workspaceId };
    await store.commit([{ change: "share-service", ...share, dueAt: clock.now() + SETTLE_MS }]);
    try {
      await store.commit([
        { change: "insert-mount", mount: made },
        appendBoardEvent(workspaceId, by, { type: "mount-added", serviceId, homeId: entry.homeId }),
      ]);
    } catch (error) {
      const meanwhile = isMillraceError(error, "already_exists") ? await store.mounts.get(workspaceId, serviceId) : null;
      if (meanwhile !== null) return meanwhile;
      if (isMillraceError(error, "limit_reached")) await store.commit([{ change: "unshare-service", ...share }]);
      throw error;
    }
    await store.commit([{ change: "settle-share", ...share, dueAt: null }]);
    return made;
  }

  /**
   * Shows a service of another board no longer. One that is not shown stays so.
   * @throws MillraceError `conflict` at home.
   */
  async unmount({ workspace, serviceId, by }: OnBoard): Promise<void> {
    const { store, clock } = this.#ports;
    const { id: workspaceId, accountId } = workspace;
    if ((await store.blocks.get(workspaceId, serviceId)) !== null)
      throw new MillraceError("conflict", `service '${serviceId}' is at home on this board`, { fix: "remove the service instead" });
    if (accountId === null || (await store.mounts.get(workspaceId, serviceId)) === null) return;
    const share = { accountId, serviceId, workspaceId };
    await store.commit([{ change: "settle-share", ...share, dueAt: clock.now() + SETTLE_MS }]);
    try {
      await store.commit([
        { change: "remove-mount", workspaceId, serviceId },
        appendBoardEvent(workspaceId, by, { type: "mount-removed", serviceId }),
      ]);
    } catch (error) {
      if (!isMillraceError(error, "not_found")) throw error;
    }
    await store.commit([{ change: "unshare-service", ...share }]);
  }

  /**
   * Sets where a board draws a service, its own or one of another board, and how large; what is left out stays.
   * @param request `expected`: revision of the layout that the caller has seen; null: whatever is there.
   * @throws MillraceError `not_found`, `stale_revision`.
   */
  async putLayout(
    request: OnBoard & {
      readonly position?: Position | undefined;
      readonly size?: Size | null | undefined;
      readonly expected: number | null;
    },
  ): Promise<Layout> {
    const { workspace, serviceId, by, position, size, expected } = request;
    const { store } = this.#ports;
    const workspaceId = workspace.id;
    const { block, via } = await this.resolveBlock(workspace, serviceId);
    if (block.level !== "service" || block.removedAt !== null) throw notFound("service", serviceId);
    const moved = appendBoardEvent(workspaceId, by, { type: "mount-moved", serviceId });
    const change: readonly Change[] =
      via === "mount"
        ? [{ change: "place-mount", workspaceId, serviceId, position, size, expected }]
        : [
            { change: "revise-block", workspaceId, id: serviceId, of: "position", expected },
            { change: "patch-block", workspaceId, id: serviceId, patch: { position, size } },
          ];
    await store.commit([...change, moved]);
    return this.layout(workspace, serviceId);
  }

  /**
   * Where a board draws a service.
   * @throws MillraceError `not_found`.
   */
  async layout(workspace: LookedUpOn, serviceId: string): Promise<Layout> {
    const mount = await this.#ports.store.mounts.get(workspace.id, serviceId);
    if (mount !== null) return { position: mount.position, size: mount.size, revision: mount.revision };
    const { position, size, positionRevision } = (await this.resolveBlock(workspace, serviceId)).block;
    return { position, size, revision: positionRevision };
  }

  /** Places that are taken on a board. */
  async #taken({ workspaceId, accountId }: { readonly workspaceId: string; readonly accountId: string }): Promise<readonly Position[]> {
    const { blocks, mounts } = this.#ports.store;
    const own = await blocks.children(workspaceId, null, { limit: MAX_MOUNTS });
    const shown = await mounts.list({ workspaceId, accountId }, { limit: MAX_MOUNTS });
    return [...own, ...shown].flatMap(({ position }) => (position === null ? [] : [position]));
  }
}

function pageOf<Item>(items: readonly Item[], limit: number, idOf: (item: Item) => string): ListPage<Item> {
  const last = items.length < limit ? undefined : items.at(-1);
  return { items: [...items], nextAfter: last === undefined ? null : idOf(last) };
}
