import { lstat } from "node:fs/promises";

/** Whether there is anything at a path: a file, a folder, a link. Follows no link. */
export function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
