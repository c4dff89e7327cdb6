import { lstat, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { MillraceError } from "@millrace/kernel";

const MOST_LINKS = 40;

/**
 * Where a path really leads: links followed, also dangling ones, and the part that does not exist yet appended. Without
 * following a dangling link, a write through it would land outside although its parent is inside.
 */
async function destination(path: string, links = 0): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real !== null) return real;
  const entry = await lstat(path).catch(() => null);
  if (entry?.isSymbolicLink() === true) {
    if (links >= MOST_LINKS) throw outside(path);
    return destination(resolve(dirname(path), await readlink(path)), links + 1);
  }
  const parent = dirname(path);
  return parent === path ? path : join(await destination(parent, links), path.slice(parent.length).replace(/^[/\\]+/, ""));
}

/**
 * The real path of `path` if it is inside `root`, outside its `.git`. Relative paths are relative to `base`.
 *
 * @throws MillraceError `path_outside`.
 */
export async function insidePath(root: string, path: string, base: string = root): Promise<string> {
  const target = await destination(isAbsolute(path) ? path : resolve(base, path));
  const way = relative(await realpath(root), target);
  const first = way.split(sep)[0];
  if (first === ".." || isAbsolute(way) || first === ".git") throw outside(path);
  return target;
}

function outside(path: string): MillraceError {
  return new MillraceError("path_outside", `'${path}' is outside the job's work folder`, {
    fix: "use paths inside the folder the session was opened in",
    details: { path },
  });
}
