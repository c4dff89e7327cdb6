/**
 * A copy of this repository in a temporary folder, with what is installed linked into it: packages of the workspace to their copies,
 * everything else to what is installed here. Deleted when it is disposed of.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export interface RepositoryCopy extends Disposable {
  readonly root: string;
}

/** Copies what git tracks or would track: everything but ignored files. */
export function copyRepository(root: string): RepositoryCopy {
  const copy = realpathSync(mkdtempSync(path.join(tmpdir(), "millrace-scaffold-")));
  for (const file of repositoryFiles(root)) {
    mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
    cpSync(path.join(root, file), path.join(copy, file), { preserveTimestamps: true });
  }
  for (const folder of ["", ...workspaceFolders(root)]) linkModules(root, copy, folder);
  return { root: copy, [Symbol.dispose]: () => rmSync(copy, { recursive: true, force: true }) };
}

/** Paths from the root of every file that is there and not ignored. */
export function repositoryFiles(root: string): readonly string[] {
  const listed = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root, encoding: "utf8" });
  if (listed.status !== 0) throw new Error(`git cannot list the files: ${listed.stderr}`, { cause: listed.error });
  return listed.stdout.split("\0").filter((file) => file !== "" && existsSync(path.join(root, file)));
}

function workspaceFolders(root: string): readonly string[] {
  const below = ["packages", "apps", "examples"].flatMap((group) =>
    readdirSync(path.join(root, group)).map((name) => path.join(group, name)),
  );
  return [...below, "tests"].filter((folder) => existsSync(path.join(root, folder, "node_modules")));
}

function linkModules(root: string, copy: string, folder: string): void {
  const modules = path.join(folder, "node_modules");
  for (const name of installed(path.join(root, modules))) {
    const link = path.join(copy, modules, name);
    const target = realpathSync(path.join(root, modules, name));
    const own = path.relative(realpathSync(root), target);
    const isOfWorkspace = !own.startsWith("..") && !own.split(path.sep).includes("node_modules");
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(isOfWorkspace ? path.join(copy, own) : target, link);
  }
}

/** `vitest`, `@millrace/kernel`, `.bin`: scopes are folders of packages. */
function installed(modules: string): readonly string[] {
  return readdirSync(modules).flatMap((name) =>
    name.startsWith("@") ? readdirSync(path.join(modules, name)).map((inner) => path.join(name, inner)) : [name],
  );
}
