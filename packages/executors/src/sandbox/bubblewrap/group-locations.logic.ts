/** Where control groups for sandboxes can be made, from what the kernel says about this process. */
import type { SandboxLimits } from "@millrace/kernel";

/** A hierarchy of control groups that holds a limit. */
export interface GroupLocation {
  /** Folders in which a group may be made, the best one first. */
  readonly candidates: readonly string[];
  /** Files that a group there must have. */
  readonly files: readonly string[];
  /** What to write to which file of a group, in this order. */
  readonly limits: (limits: SandboxLimits) => Readonly<Record<string, string>>;
}

const UNIFIED: Omit<GroupLocation, "candidates"> = {
  files: ["memory.max", "pids.max"],
  limits: ({ memoryBytes, processes }) => ({ "memory.max": `${memoryBytes}`, "memory.swap.max": "0", "pids.max": `${processes}` }),
};

/** Version 1 has a hierarchy for each controller. */
const BY_CONTROLLER: Readonly<Record<"memory" | "pids", Omit<GroupLocation, "candidates">>> = {
  memory: { files: ["memory.limit_in_bytes"], limits: ({ memoryBytes }) => ({ "memory.limit_in_bytes": `${memoryBytes}` }) },
  pids: { files: ["pids.max"], limits: ({ processes }) => ({ "pids.max": `${processes}` }) },
};

/**
 * The hierarchies that hold memory and processes together: those of version 1 where they are mounted, else the unified one. `groups`: text of
 * `/proc/self/cgroup`; `mountInfo`: of `/proc/self/mountinfo`.
 */
export function groupLocations(groups: string, mountInfo: string): readonly GroupLocation[] {
  const mounted = mountInfo.split("\n").flatMap(mountOf);
  const byController = Object.entries(BY_CONTROLLER).flatMap(([controller, kind]) => {
    const mount = mounted.find(({ type, options }) => type === "cgroup" && options.includes(controller));
    const own = pathOf(groups, (controllers) => controllers.includes(controller));
    return mount === undefined || own === null ? [] : [{ ...kind, candidates: [folderOf(mount, own)] }];
  });
  if (byController.length === Object.keys(BY_CONTROLLER).length) return byController;
  const mount = mounted.find(({ type }) => type === "cgroup2");
  const own = pathOf(groups, (controllers) => controllers.length === 0);
  if (mount === undefined || own === null) return [];
  const folder = folderOf(mount, own);
  // A group with processes of its own has none below it with limits; the one above it may have been given to this user.
  const above = folder === mount.path ? [] : [folder.slice(0, folder.lastIndexOf("/"))];
  return [{ ...UNIFIED, candidates: [folder, ...above] }];
}

interface GroupMount {
  readonly type: string;
  /** The group of the hierarchy that is mounted. */
  readonly root: string;
  readonly path: string;
  readonly options: readonly string[];
}

function mountOf(line: string): readonly GroupMount[] {
  const [before = "", after = ""] = line.split(" - ");
  const [, , , root, path] = before.split(" ");
  const [type, , options] = after.split(" ");
  if (root === undefined || path === undefined || type === undefined || !type.startsWith("cgroup")) return [];
  return [{ type, root, path, options: (options ?? "").split(",") }];
}

function pathOf(groups: string, has: (controllers: readonly string[]) => boolean): string | null {
  for (const line of groups.split("\n")) {
    const [, controllers, ...path] = line.split(":");
    if (controllers !== undefined && has(controllers === "" ? [] : controllers.split(","))) return path.join(":");
  }
  return null;
}

function folderOf({ root, path }: GroupMount, own: string): string {
  const below = root !== "/" && own.startsWith(root) ? own.slice(root.length) : own;
  return below === "/" || below === "" ? path : `${path}${below}`;
}
