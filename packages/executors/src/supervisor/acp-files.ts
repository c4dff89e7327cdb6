import { constants } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { RequestError, type ReadTextFileRequest, type RequestPermissionRequest, type WriteTextFileRequest } from "@agentclientprotocol/sdk";
import { isMillraceError } from "@millrace/kernel";
import { openRegular, readBounded } from "../files/regular-file.js";
import { insidePath } from "./path-guard.js";

/** The files that an agent may access. */
export interface FileAccess {
  /** The work folder; every path outside is refused. */
  readonly root: string;
  /** Folder of the session, to which paths are relative. */
  readonly cwd: string;
  readonly readOnly: boolean;
}

/** Largest file that is served, in bytes. */
const MAX_FILE_BYTES = 10 * 1024 * 1024;
/** Paths that one tool call may name. */
const MAX_PATHS = 1000;

export async function serveRead(access: FileAccess, request: ReadTextFileRequest): Promise<{ content: string }> {
  const path = await guarded(access, request.path);
  const text = await readBounded(path, { maxBytes: MAX_FILE_BYTES }).catch(unusable(request.path));
  if (text === null) throw RequestError.resourceNotFound(request.path);
  if (request.line == null && request.limit == null) return { content: text };
  const from = Math.max(0, (request.line ?? 1) - 1);
  return {
    content: text
      .split("\n")
      .slice(from, request.limit == null ? undefined : from + request.limit)
      .join("\n"),
  };
}

export async function serveWrite(access: FileAccess, request: WriteTextFileRequest): Promise<Record<string, never>> {
  if (access.readOnly) throw RequestError.invalidParams({ code: "read_only", path: request.path }, "this job may not write");
  const path = await guarded(access, request.path);
  await mkdir(dirname(path), { recursive: true });
  // The path was resolved above; a symbolic link that replaced its last component since then is not followed.
  const file = await openRegular(path, constants.O_WRONLY | constants.O_CREAT, 0o644).catch(unusable(request.path));
  if (file === null) throw RequestError.resourceNotFound(request.path);
  try {
    await file.truncate();
    await file.writeFile(request.content);
  } finally {
    await file.close();
  }
  return {};
}

/** Number of paths that a tool call names, and whether all are inside the work folder. */
export async function pathsOf(
  access: FileAccess,
  call: RequestPermissionRequest["toolCall"],
): Promise<{ readonly count: number; readonly allInside: boolean }> {
  const named = [
    ...(call.locations ?? []).map((location) => location.path),
    ...(call.content ?? []).flatMap((part) => (part.type === "diff" ? [part.path] : [])),
  ];
  if (named.length > MAX_PATHS) return { count: named.length, allInside: false };
  const inside = await Promise.all(
    named.map((path) =>
      guarded(access, path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return { count: named.length, allInside: inside.every(Boolean) };
}

async function guarded(access: FileAccess, path: string): Promise<string> {
  try {
    return await insidePath(access.root, path, access.cwd);
  } catch (error) {
    if (isMillraceError(error, "path_outside")) throw RequestError.invalidParams({ code: "path_outside", path }, error.message);
    throw error;
  }
}

/** Tells the agent that a path is no file it can have. */
function unusable(path: string): (error: unknown) => never {
  return (error) => {
    if (isMillraceError(error, "file_unusable")) throw RequestError.invalidParams({ code: "file_unusable", path }, error.message);
    throw error;
  };
}
