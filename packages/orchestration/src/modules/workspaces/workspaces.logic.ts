import type { eventsOfWorkspaces, Workspace } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { z } from "zod";
import type { Caller } from "../../platform/operations/caller.js";

type OwnEvent = z.infer<(typeof eventsOfWorkspaces)[number]>;

/** What happened to a workspace, as one line. */
export function describeWorkspaceEvent(event: OwnEvent): string {
  switch (event.type) {
    case "workspace-created":
      return `workspace '${event.name}' created`;
    case "workspace-changed":
      return `workspace changed: ${event.fields.join(", ")}`;
    case "workspace-deletion-requested":
      return `workspace '${event.name}' is being deleted`;
    case "workspace-transferred":
      return `workspace moved from account ${event.from ?? "-"} to ${event.to}`;
    case "deed-refused":
      return `refused, without proof of a person: ${event.deed}, by ${event.claimed} (${event.code})`;
  }
}

/** Members that a change changes, with the values that differ. */
export function workspaceChange(
  workspace: Workspace,
  given: { readonly name?: string | undefined; readonly description?: string | null | undefined },
): readonly ("name" | "description")[] {
  return (["name", "description"] as const).filter((field) => given[field] !== undefined && given[field] !== workspace[field]);
}

/** Accounts whose workspaces the caller may see; null stands for those without an account. */
export function accountsOf({ grants }: Caller, only: string | undefined): readonly (string | null)[] {
  if (only !== undefined) return [only];
  const { accounts, withoutAccount = [] } = grants;
  const own = Object.entries(accounts).flatMap(([id, roles]) => (roles.length === 0 ? [] : [id]));
  return withoutAccount.length === 0 ? own : [null, ...own];
}

/**
 * The account of a new workspace: the one that was asked for, none in a host without accounts, else the caller's personal one, or the only
 * one it has.
 * @throws MillraceError `validation` when it has to be named.
 */
export function accountFor({ grants }: Caller, asked: string | null, personal: string): string | null {
  if (asked !== null) return asked;
  if ((grants.withoutAccount ?? []).length > 0) return null;
  const own = Object.keys(grants.accounts);
  const [only, ...others] = own.includes(personal) ? [personal] : own;
  if (only !== undefined && others.length === 0) return only;
  throw new MillraceError("validation", "it is not clear in which account the workspace shall be", { fix: "name the account" });
}

/**
 * Refuses a deletion that was not meant.
 * @throws MillraceError `validation` unless the name was typed again.
 */
export function requireName({ name }: Pick<Workspace, "name">, typed: string): void {
  if (typed !== name)
    throw new MillraceError("validation", `the workspace is called '${name}', not '${typed}'`, {
      fix: "type its name to delete it with everything in it",
    });
}

/**
 * Refuses what would break other boards.
 * @throws MillraceError `in_use` with the boards.
 */
export function requireNotMounted(boards: readonly string[], fix: string): void {
  if (boards.length > 0)
    throw new MillraceError("in_use", `services of the workspace are shown on ${boards.length} other boards`, {
      fix,
      details: { boards: [...boards] },
    });
}
