/**
 * Opens and reads files whose path an agent, a check or a repository can name or replace.
 *
 * 1. A call never blocks: a named pipe is opened without waiting for its other end, and then refused.
 * 2. The last part of a path is never followed as a link.
 * 3. What is read is a regular file, and at most `maxBytes` of it.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { fileUnusable, nullWhenMissing } from "@millrace/kernel";

/** Limits of one read. */
export interface ReadLimits {
  /** Largest number of bytes that is read. */
  readonly maxBytes: number;
  /** A longer file: `refuse` it (default), or read its `tail`. */
  readonly longer?: "refuse" | "tail";
}

const SAFE = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Text of a regular file; null when there is none. A tail may begin inside a character.
 *
 * @throws MillraceError `file_unusable` for a link, a pipe, a folder or a file that is too long, `unavailable` when it cannot be opened.
 */
export async function readBounded(path: string, limits: ReadLimits): Promise<string | null> {
  const file = await openRegular(path, constants.O_RDONLY);
  if (file === null) return null;
  try {
    const { buffer, start } = planRead(path, await file.stat(), limits);
    let filled = 0;
    for (let read = -1; read !== 0 && filled < buffer.length; filled += read)
      ({ bytesRead: read } = await file.read(buffer, filled, buffer.length - filled, start + filled));
    return buffer.toString("utf8", 0, filled);
  } finally {
    await file.close();
  }
}

/**
 * The same without a promise, for a program that has nothing else to do.
 *
 * @throws MillraceError `file_unusable`, `unavailable`.
 */
export function readBoundedSync(path: string, limits: ReadLimits): string | null {
  const file = openRegularSync(path, constants.O_RDONLY);
  if (file === null) return null;
  try {
    const { buffer, start } = planRead(path, fstatSync(file), limits);
    let filled = 0;
    for (let read = -1; read !== 0 && filled < buffer.length; filled += read)
      read = readSync(file, buffer, filled, buffer.length - filled, start + filled);
    return buffer.toString("utf8", 0, filled);
  } finally {
    closeSync(file);
  }
}

/** @throws MillraceError `file_unusable`, `unavailable`. */
async function openRegular(path: string, flags: number): Promise<FileHandle | null> {
  const file = await open(path, flags | SAFE).catch((error: unknown) => nullWhenMissing(path, error));
  if (file === null) return null;
  const stats = await file.stat();
  if (stats.isFile()) return file;
  await file.close();
  throw fileUnusable(path, kindOf(stats));
}

/**
 * Opens a regular file; null when there is none, or no folder for it. `flags` are those of open(2); `mode` is that of a file which
 * `O_CREAT` makes, default 0600.
 *
 * @throws MillraceError `file_unusable`, `unavailable`.
 */
export function openRegularSync(path: string, flags: number, mode = 0o600): number | null {
  const file = descriptorOf(path, flags, mode);
  if (file === null) return null;
  const stats = fstatSync(file);
  if (stats.isFile()) return file;
  closeSync(file);
  throw fileUnusable(path, kindOf(stats));
}

function descriptorOf(path: string, flags: number, mode: number): number | null {
  try {
    return openSync(path, flags | SAFE, mode);
  } catch (error) {
    return nullWhenMissing(path, error);
  }
}

/** The part to read: a file that grows meanwhile is read no further. */
function planRead(path: string, { size }: Stats, { maxBytes, longer = "refuse" }: ReadLimits): { buffer: Buffer; start: number } {
  if (size > maxBytes && longer === "refuse") throw fileUnusable(path, `is longer than ${maxBytes} bytes`);
  return { buffer: Buffer.alloc(Math.min(size, maxBytes)), start: Math.max(0, size - maxBytes) };
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return "is a pipe";
  return stats.isDirectory() ? "is a folder" : "is no regular file";
}
