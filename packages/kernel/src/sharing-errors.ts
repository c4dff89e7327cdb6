/** Refusals about services that several boards show, worded alike by every store. */
import type { SharedService } from "@millrace/contracts";
import { MillraceError } from "./errors.js";
import { MAX_MOUNTS } from "./store/mounts.port.js";

/** `already_exists`: another service of the account works on that folder, on one around it or on one in it. */
export function folderTaken({ repository, directory }: Pick<SharedService, "repository" | "directory">): MillraceError {
  const folder = directory === null ? "" : ` in '${directory}'`;
  return new MillraceError("already_exists", `a service of this account works on repository '${repository?.id ?? ""}'${folder} already`, {
    fix: "show that service on this board, or name a folder that no other one has",
    details: { repository: repository?.id ?? null, directory },
  });
}

/** `conflict`: the id of the service is taken by a service of another home. */
export function serviceTaken(id: string): MillraceError {
  return new MillraceError("conflict", `service '${id}' is that of another board`, { fix: "use a fresh id", details: { id } });
}

/** `in_use`: other boards show the service. `boards`: their ids, as far as they are known. */
export function serviceShown(id: string, boards: readonly string[] = []): MillraceError {
  return new MillraceError("in_use", `service '${id}' is shown on other boards`, {
    fix: "take it off them first, or remove it from all of them with: detach",
    details: { id, boards: [...boards] },
  });
}

/** `already_exists`: the board shows the service. */
export function mountThere(workspaceId: string, serviceId: string): MillraceError {
  return new MillraceError("already_exists", `board '${workspaceId}' shows service '${serviceId}' already`, {
    details: { workspaceId, serviceId },
  });
}

/** `limit_reached`: the board shows as many services of other boards as it may. */
export function tooManyMounts(workspaceId: string): MillraceError {
  return new MillraceError("limit_reached", `board '${workspaceId}' shows ${MAX_MOUNTS} services of other boards, and may show no more`, {
    fix: "take one off the board first",
    details: { workspaceId, count: "mounts", limit: MAX_MOUNTS },
  });
}

/** `stale_revision`: the layout has changed since it was read at revision `expected`. */
export function mountMoved(serviceId: string, expected: number, revision: number | null = null): MillraceError {
  return new MillraceError("stale_revision", `the layout of service '${serviceId}' is not at revision ${expected} any more`, {
    fix: "read it again and decide again",
    details: { serviceId, expected, ...(revision === null ? {} : { revision }) },
  });
}
