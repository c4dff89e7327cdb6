import { lstat, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { MillraceError } from "@millrace/kernel";

const MAX_LINKS = 40;
/** Longer than any path that a system accepts, in characters. */
const MAX_PATH_CHARS = 4096;

/**
 * The real path of a path that may not exist yet: links are followed, dangling ones included, because a write through a dangling link
 * lands at its target.
 */
async function destination(path: string, links = 0): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real !== null) return real;
  const entry = await lstat(path).catch(() => null);
  if (entry?.isSymbolicLink() === true) {
    if (links >= MAX_LINKS) throw outside(path);
    return destination(resolve(dirname(path), await readlink(path)), links + 1);
  }
  const parent = dirname(path);
  return parent === path ? path : join(await destination(parent, links), path.slice(parent.length).replace(/^[/\\]+/, ""));
}

/**
 * The real path of `path`, which must be inside `root` and outside its `.git`. Relative paths are relative to `base`. Default: `root`.
 *
 * @throws MillraceError `path_outside`.
 */
export async function insidePath(root: string, path: string, base: string = root): Promise<string> {
  if (path.length > MAX_PATH_CHARS) throw outside(`${path.slice(0, 100)}...`);
  const target = await destination(isAbsolute(path) ? path : resolve(base, path));
  const inside = relative(await realpath(root), target);
  const first = inside.split(sep)[0];
  if (first === ".." || isAbsolute(inside) || first === ".git") throw outside(path);
  return target;
}

function outside(path: string): MillraceError {
  return new MillraceError("path_outside", `'${path}' is outside the job's work folder`, {
    fix: "use paths inside the folder the session was opened in",
    details: { path },
  });
}
