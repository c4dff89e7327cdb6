import { notFound } from "@millrace/kernel";
import { requireCapability, rolesIn } from "../../platform/operations/access.js";
import type { HandlersOf } from "../../platform/operations/handler.js";
import { writtenBy } from "../../platform/operations/written-by.js";
import { accountFor, accountsOf } from "./workspaces.logic.js";
import type { WorkspacesService } from "./workspaces-service.js";

/** The operations on workspaces. */
export function workspaceHandlers(workspaces: WorkspacesService): HandlersOf<"workspaces"> {
  return {
    "workspaces.list": async ({ caller }, { accountId, ...page }) => {
      const found = await workspaces.list({ accountIds: accountsOf(caller, accountId), ...page });
      const only = caller.grants.token?.workspaces ?? null;
      return only === null ? found : { ...found, items: found.items.filter(({ id }) => only.includes(id)) };
    },
    "workspaces.create": async (context, { accountId: asked, ...input }) => {
      const { caller, newId: id } = context;
      const accountId = accountFor(caller, asked, workspaces.personalAccountOf(caller.onBehalfOf ?? caller.actor.id));
      requireCapability(caller, "workspace.create", rolesIn(caller, accountId));
      return workspaces.createAndShow({ id, accountId, ...input, ...writtenBy(context) });
    },
    "workspaces.get": async ({ workspace }) => workspace,
    "workspaces.update": (context, input) => workspaces.update({ ...input, ...writtenBy(context) }),
    "workspaces.snapshot": (_context, { workspaceId }) => workspaces.snapshot(workspaceId),
    "workspaces.delete": (context, input) => workspaces.delete({ ...input, ...writtenBy(context) }),
    "workspaces.transfer": (context, input) => {
      const { caller } = context;
      const roles = rolesIn(caller, input.toAccountId);
      if (roles.length === 0) throw notFound("account", input.toAccountId);
      requireCapability(caller, "workspace.manage", roles);
      return workspaces.transfer({ ...input, ...writtenBy(context) });
    },
  };
}
