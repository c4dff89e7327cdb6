import { constants } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { RequestError, type ReadTextFileRequest, type RequestPermissionRequest, type WriteTextFileRequest } from "@agentclientprotocol/sdk";
import { isMillraceError } from "@millrace/kernel";
import { insidePath } from "./path-guard.js";

/** What an agent may reach. `root` is the whole work folder, `cwd` the folder the session was opened in. */
export interface Reach {
  readonly root: string;
  readonly cwd: string;
  readonly readOnly: boolean;
}

const LARGEST_FILE = 10 * 1024 * 1024;

export async function serveRead(reach: Reach, request: ReadTextFileRequest): Promise<{ content: string }> {
  const path = await guarded(reach, request.path);
  const text = await readFile(path, "utf8").catch(() => {
    throw RequestError.resourceNotFound(request.path);
  });
  if (text.length > LARGEST_FILE) throw RequestError.invalidParams({ code: "too_large", path: request.path });
  if (request.line == null && request.limit == null) return { content: text };
  const from = Math.max(0, (request.line ?? 1) - 1);
  return {
    content: text
      .split("\n")
      .slice(from, request.limit == null ? undefined : from + request.limit)
      .join("\n"),
  };
}

export async function serveWrite(reach: Reach, request: WriteTextFileRequest): Promise<Record<string, never>> {
  if (reach.readOnly) throw RequestError.invalidParams({ code: "read_only", path: request.path }, "this job may not write");
  const path = await guarded(reach, request.path);
  await mkdir(dirname(path), { recursive: true });
  // The last component is the real one; a link put there since then is not followed.
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o644);
  try {
    await file.writeFile(request.content);
  } finally {
    await file.close();
  }
  return {};
}

/** How many paths a tool call names, and whether all are inside. */
export async function pathsOf(
  reach: Reach,
  call: RequestPermissionRequest["toolCall"],
): Promise<{ readonly count: number; readonly allInside: boolean }> {
  const named = [
    ...(call.locations ?? []).map((location) => location.path),
    ...(call.content ?? []).flatMap((part) => (part.type === "diff" ? [part.path] : [])),
  ];
  const inside = await Promise.all(
    named.map((path) =>
      guarded(reach, path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return { count: named.length, allInside: inside.every(Boolean) };
}

async function guarded(reach: Reach, path: string): Promise<string> {
  try {
    return await insidePath(reach.root, path, reach.cwd);
  } catch (error) {
    if (isMillraceError(error, "path_outside")) throw RequestError.invalidParams({ code: "path_outside", path }, error.message);
    throw error;
  }
}
