import { constants } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { RequestError, type ReadTextFileRequest, type RequestPermissionRequest, type WriteTextFileRequest } from "@agentclientprotocol/sdk";
import { isMillraceError } from "@millrace/kernel";
import { insidePath } from "./path-guard.js";

/** The files that an agent may access. */
export interface FileAccess {
  /** The work folder; every path outside is refused. */
  readonly root: string;
  /** Folder of the session, to which paths are relative. */
  readonly cwd: string;
  readonly readOnly: boolean;
}

/** Largest file that is served, in characters. */
const MAX_FILE_CHARS = 10 * 1024 * 1024;

export async function serveRead(access: FileAccess, request: ReadTextFileRequest): Promise<{ content: string }> {
  const path = await guarded(access, request.path);
  const text = await readFile(path, "utf8").catch(() => {
    throw RequestError.resourceNotFound(request.path);
  });
  if (text.length > MAX_FILE_CHARS) throw RequestError.invalidParams({ code: "too_large", path: request.path });
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
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o644);
  try {
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
