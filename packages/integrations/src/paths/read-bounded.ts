import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { fileUnusable, nullWhenMissing } from "@millrace/kernel";

/**
 * Text of a regular file whose path an agent or a check can replace; null when there is none. Never blocks on a named pipe and never follows a link at the end of
 * the path; a file that grows meanwhile is read no further.
 *
 * @throws MillraceError `file_unusable` for anything but a regular file of at most `maxBytes` bytes, `unavailable` when it cannot be opened.
 */
export async function readBounded(path: string, maxBytes: number): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) =>
    nullWhenMissing(path, error),
  );
  if (file === null) return null;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw fileUnusable(path, "is no regular file");
    if (stats.size > maxBytes) throw fileUnusable(path, `is longer than ${String(maxBytes)} bytes`);
    const buffer = Buffer.alloc(stats.size);
    let filled = 0;
    for (let read = -1; read !== 0 && filled < buffer.length; filled += read)
      ({ bytesRead: read } = await file.read(buffer, filled, buffer.length - filled, filled));
    return buffer.toString("utf8", 0, filled);
  } finally {
    await file.close();
  }
}
