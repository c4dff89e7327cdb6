import { MillraceError } from "@millrace/kernel";

/**
 * The folder that a job may change, relative to the repository's root, without outer slashes. Null: the whole
 * repository.
 * @throws MillraceError `path_outside`.
 */
export function scopeFolder(scope: string | null): string | null {
  if (scope === null) return null;
  const parts = scope.split("/").filter((part) => part !== "" && part !== ".");
  if (scope.startsWith("/") || parts.includes(".."))
    throw new MillraceError("path_outside", `the folder '${scope}' is not inside the repository`, {
      fix: "Name a folder relative to the repository's root, without '..'.",
    });
  return parts.length === 0 ? null : parts.join("/");
}

/** Whether a repository path is `folder` or inside it. */
export function isInside(folder: string, path: string): boolean {
  return path.replace(/\/$/, "") === folder || path.startsWith(`${folder}/`);
}
