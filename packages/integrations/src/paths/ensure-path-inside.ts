import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { MillraceError } from "@millrace/kernel";

/** More parent folders than any real path has. */
const DEEPEST = 256;

/**
 * The absolute path of `path` below `root`, symbolic links followed, whether or not the last parts exist yet.
 * @throws MillraceError `path_outside` when it is not `root` itself or inside it.
 */
export async function ensurePathInside(root: string, path: string): Promise<string> {
  const base = await realPathOf(resolve(root));
  const real = await realPathOf(resolve(base, path));
  const from = relative(base, real);
  if (from === "" || (!isAbsolute(from) && from !== ".." && !from.startsWith(`..${sep}`))) return real;
  throw new MillraceError("path_outside", `'${path}' is not inside '${root}'`, {
    fix: "Use a path inside that folder; symbolic links out of it do not count.",
    details: { path, root },
  });
}

/** Follows the links of the part that exists; what does not exist yet cannot be a link. */
async function realPathOf(path: string): Promise<string> {
  let existing = path;
  const missing: string[] = [];
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const real = await realpath(existing).catch(() => null);
    if (real !== null) return join(real, ...missing);
    missing.unshift(basename(existing));
    existing = dirname(existing);
  }
  throw new MillraceError("path_outside", `'${path}' is nested too deep to be checked`);
}
