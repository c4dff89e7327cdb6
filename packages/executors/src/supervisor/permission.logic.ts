import type { PermissionOption, RequestPermissionOutcome, ToolKind } from "@agentclientprotocol/sdk";

export interface PermissionQuestion {
  readonly kind: ToolKind | null;
  /** How many paths the call names, and whether every one of them is inside the work folder. */
  readonly paths: { readonly count: number; readonly allInside: boolean };
  /** The job's contract delivers nothing. */
  readonly readOnly: boolean;
}

/**
 * Whether a tool call may run without a person. Looking is allowed; changing files only when the call names them and all
 * are inside the work folder; commands when they name nothing outside. This is manners, not a sandbox: a command can do
 * what its user can, which is why the work is judged on what is found afterwards.
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

/** The option that says it: once rather than for ever, so that every call is looked at. */
export function chooseOption(options: readonly PermissionOption[], allow: boolean): RequestPermissionOutcome {
  const order = allow ? (["allow_once", "allow_always"] as const) : (["reject_once", "reject_always"] as const);
  const option = order.map((kind) => options.find((candidate) => candidate.kind === kind)).find((candidate) => candidate !== undefined);
  return option === undefined ? { outcome: "cancelled" } : { outcome: "selected", optionId: option.optionId };
}
