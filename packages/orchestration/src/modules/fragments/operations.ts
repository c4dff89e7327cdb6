import type { FragmentOwner } from "@millrace/kernel";
import { writtenBy } from "../../platform/operations/written-by.js";
import type { HandlersOf } from "../../platform/operations/handler.js";
import type { FragmentsService } from "./fragments-service.js";

const workspace = (id: string): FragmentOwner => ({ of: "workspace", id });
const account = (id: string): FragmentOwner => ({ of: "account", id });

/** The operations on fragments: those of an account and of a workspace are the same, with another owner. */
export function fragmentHandlers(fragments: FragmentsService): HandlersOf<"fragments"> {
  return {
    "fragments.pool": async (_, page) => fragments.pool(page),
    "fragments.list": (_, { workspaceId, ...page }) => fragments.list(workspace(workspaceId), page),
    "fragments.get": (_, { workspaceId, fragmentId }) => fragments.get({ owner: workspace(workspaceId), id: fragmentId }),
    "fragments.create": (context, { workspaceId, ...input }) =>
      fragments.create({ owner: workspace(workspaceId), input, ...writtenBy(context) }),
    "fragments.update": (context, { workspaceId, fragmentId, ...input }) =>
      fragments.update({ owner: workspace(workspaceId), id: fragmentId, input, ...writtenBy(context) }),
    "fragments.remove": (context, { workspaceId, fragmentId }) =>
      fragments.remove({ owner: workspace(workspaceId), id: fragmentId, ...writtenBy(context) }),
    "fragments.hide": (context, { workspaceId, fragmentId }) =>
      fragments.setHidden({ owner: workspace(workspaceId), id: fragmentId, hidden: true, ...writtenBy(context) }),
    "fragments.unhide": (context, { workspaceId, fragmentId }) =>
      fragments.setHidden({ owner: workspace(workspaceId), id: fragmentId, hidden: false, ...writtenBy(context) }),
    "fragments.listOfAccount": (_, { accountId, ...page }) => fragments.list(account(accountId), page),
    "fragments.getOfAccount": (_, { accountId, fragmentId }) => fragments.get({ owner: account(accountId), id: fragmentId }),
    "fragments.createInAccount": (context, { accountId, ...input }) =>
      fragments.create({ owner: account(accountId), input, ...writtenBy(context) }),
    "fragments.updateInAccount": (context, { accountId, fragmentId, ...input }) =>
      fragments.update({ owner: account(accountId), id: fragmentId, input, ...writtenBy(context) }),
    "fragments.removeFromAccount": (context, { accountId, fragmentId }) =>
      fragments.remove({ owner: account(accountId), id: fragmentId, ...writtenBy(context) }),
    "fragments.hideInAccount": (context, { accountId, fragmentId }) =>
      fragments.setHidden({ owner: account(accountId), id: fragmentId, hidden: true, ...writtenBy(context) }),
    "fragments.unhideInAccount": (context, { accountId, fragmentId }) =>
      fragments.setHidden({ owner: account(accountId), id: fragmentId, hidden: false, ...writtenBy(context) }),
    "fragments.resolved": (context, page) => fragments.resolved(context.workspace, page),
    "fragments.defaults": (_, { workspaceId }) => fragments.defaults(workspaceId),
    "fragments.putDefaults": (context, input) => fragments.putDefaults({ ...input, ...writtenBy(context) }),
  };
}
