import { MillraceError } from "@millrace/kernel";

/** The folder a job may write, relative to the repository's root without slashes at its ends; null for the whole repository. @throws MillraceError `path_outside`. */
export function scopeFolder(scope: string | null): string | null {
  if (scope === null) return null;
  const parts = scope.split("/").filter((part) => part !== "" && part !== ".");
  if (scope.startsWith("/") || parts.includes(".."))
    throw new MillraceError("path_outside", `the folder '${scope}' is not inside the repository`, {
      fix: "Name a folder relative to the repository's root, without '..'.",
    });
  return parts.length === 0 ? null : parts.join("/");
}

/** Whether a repository path is the folder or lies in it. */
export function isInside(folder: string, path: string): boolean {
  return path.replace(/\/$/, "") === folder || path.startsWith(`${folder}/`);
}
