import type { RequestPermissionRequest } from "@agentclientprotocol/sdk";
import { isMillraceError } from "@millrace/kernel";
import { insidePath } from "./path-guard.js";

/** The folder that an agent works in. */
export interface WorkFolder {
  /** Every path outside is refused. */
  readonly root: string;
  /** Folder of the session, to which paths are relative. */
  readonly cwd: string;
  readonly readOnly: boolean;
}

/** Paths that one tool call may name. */
const MAX_PATHS = 1000;

/** Number of paths that a tool call names, and whether all are inside the work folder. */
export async function pathsOf(
  folder: WorkFolder,
  call: RequestPermissionRequest["toolCall"],
): Promise<{ readonly count: number; readonly allInside: boolean }> {
  const named = [
    ...(call.locations ?? []).map((location) => location.path),
    ...(call.content ?? []).flatMap((part) => (part.type === "diff" ? [part.path] : [])),
  ];
  if (named.length > MAX_PATHS) return { count: named.length, allInside: false };
  const inside = await Promise.all(named.map((path) => isInside(folder, path)));
  return { count: named.length, allInside: inside.every(Boolean) };
}

async function isInside({ root, cwd }: WorkFolder, path: string): Promise<boolean> {
  try {
    await insidePath(root, path, cwd);
    return true;
  } catch (error) {
    if (isMillraceError(error, "path_outside")) return false;
    throw error;
  }
}
