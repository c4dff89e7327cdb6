import type { Block, Mount } from "@millrace/contracts";
import type { MountChanges, MountedHome, MountingBoard, MountReads } from "@millrace/kernel";
import { MAX_MOUNTS, mountMoved, mountThere, notFound, tooManyMounts } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { copyOrNull, oldestFirst, paged } from "../paging.js";
import { needsWorkspace } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const mountChanges: MemoryHandlers<MountChanges> = {
  "insert-mount"(draft, { mount }) {
    const { mounts } = draft.tables;
    const { workspaceId, serviceId } = mount;
    const key = keyOf(workspaceId, serviceId);
    if (mounts.has(key)) throw mountThere(workspaceId, serviceId);
    needsWorkspace(draft, workspaceId);
    if (mountsOf(draft.tables, workspaceId).length >= MAX_MOUNTS) throw tooManyMounts(workspaceId);
    draft.set(mounts, key, mount);
  },
  "place-mount"(draft, { workspaceId, serviceId, position, size, expected }) {
    const { mounts } = draft.tables;
    const key = keyOf(workspaceId, serviceId);
    const mount = mounts.get(key);
    if (mount === undefined) throw notFound("mount", serviceId);
    if (expected !== null && mount.revision !== expected) throw mountMoved(serviceId, expected);
    draft.set(mounts, key, {
      ...mount,
      position: position ?? mount.position,
      size: size === undefined ? mount.size : size,
      revision: mount.revision + 1,
    });
  },
  "remove-mount"(draft, { workspaceId, serviceId }) {
    const key = keyOf(workspaceId, serviceId);
    if (!draft.tables.mounts.has(key)) throw notFound("mount", serviceId);
    draft.delete(draft.tables.mounts, key);
  },
};

const mountsOf = ({ mounts }: MemoryTables, workspaceId: string): readonly Mount[] =>
  [...mounts.values()].filter((mount) => mount.workspaceId === workspaceId);

/** The service of a mount, if it is there to be shown on the board. */
function shownService({ blocks, workspaces }: MemoryTables, { homeId, serviceId }: Mount, accountId: string): Block | null {
  const home = workspaces.get(homeId);
  const service = blocks.get(keyOf(homeId, serviceId));
  const isThere = home?.accountId === accountId && home.deletingAt === null && service?.removedAt === null;
  return isThere && service !== undefined ? service : null;
}

export function mountReads(tables: MemoryTables): MountReads {
  const { blocks, mounts, runs } = tables;
  const homeWhere = ({ workspaceId, accountId }: MountingBoard, isOf: (mount: Mount) => boolean): MountedHome | null => {
    const mount = mountsOf(tables, workspaceId).find((each) => shownService(tables, each, accountId) !== null && isOf(each));
    return mount === undefined ? null : { homeId: mount.homeId, serviceId: mount.serviceId };
  };
  return {
    get: async (workspaceId, serviceId) => copyOrNull(mounts.get(keyOf(workspaceId, serviceId))),
    async list({ workspaceId, accountId }, page) {
      const all = mountsOf(tables, workspaceId).map((mount) => ({ ...mount, id: mount.serviceId }));
      const shown = paged(all.toSorted(oldestFirst), page, (mount) => shownService(tables, mount, accountId) !== null);
      return shown.map(({ id: _, ...mount }) => {
        const { title = "", type = null } = shownService(tables, mount, accountId) ?? {};
        return { ...mount, title, type };
      });
    },
    homeOfBlock: async (board, blockId) =>
      homeWhere(board, ({ homeId, serviceId }) => {
        let block = blocks.get(keyOf(homeId, blockId));
        while (block !== undefined && block.id !== serviceId && block.parentId !== null) block = blocks.get(keyOf(homeId, block.parentId));
        return block?.id === serviceId;
      }),
    homeOfRun: async (board, runId) => homeWhere(board, ({ homeId, serviceId }) => runs.get(keyOf(homeId, runId))?.serviceId === serviceId),
  };
}
