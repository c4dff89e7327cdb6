import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { MillraceError } from "@millrace/kernel";

/** More parent folders than any real path has. */
const MAX_DEPTH = 256;

/**
 * The absolute path of `path` below `root`, with symbolic links resolved. The last parts of the path need not exist.
 * @throws MillraceError `path_outside` if the result is neither `root` nor inside it.
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

/** Resolves the links of the part that exists; the rest cannot contain links. */
async function realPathOf(path: string): Promise<string> {
  let existing = path;
  const missing: string[] = [];
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const real = await realpath(existing).catch(() => null);
    if (real !== null) return join(real, ...missing);
    missing.unshift(basename(existing));
    existing = dirname(existing);
  }
  throw new MillraceError("path_outside", `'${path}' is nested too deep to be checked`);
}
