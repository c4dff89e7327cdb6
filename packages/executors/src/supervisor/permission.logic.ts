import type { PermissionOption, RequestPermissionOutcome, ToolKind } from "@agentclientprotocol/sdk";

/** A tool call for which an agent requests permission. */
export interface PermissionQuestion {
  readonly kind: ToolKind | null;
  /** Number of paths that the call names, and whether all are inside the work folder. */
  readonly paths: { readonly count: number; readonly allInside: boolean };
  /** True when the contract of the job delivers nothing. */
  readonly readOnly: boolean;
}

/**
 * Whether a tool call may run without asking a person. Reading is allowed; changing files only if the call names them and all are inside
 * the work folder; commands if they name no path outside. This is no sandbox: a command can do whatever its user can, so the work is
 * judged by the state it leaves behind.
 */
export function allowsCall({ kind, paths, readOnly }: PermissionQuestion): boolean {
  switch (kind) {
    case "read":
    case "search":
    case "think":
    case "fetch":
      return true;
    case "execute":
      return paths.allInside;
    case "edit":
    case "delete":
    case "move":
    case "other":
    case null:
      return !readOnly && paths.count > 0 && paths.allInside;
    case "switch_mode":
      return false;
  }
}

/** The option for a decision: once rather than always, so that every call is checked. */
export function chooseOption(options: readonly PermissionOption[], allow: boolean): RequestPermissionOutcome {
  const order = allow ? (["allow_once", "allow_always"] as const) : (["reject_once", "reject_always"] as const);
  const option = order.map((kind) => options.find((candidate) => candidate.kind === kind)).find((candidate) => candidate !== undefined);
  return option === undefined ? { outcome: "cancelled" } : { outcome: "selected", optionId: option.optionId };
}
