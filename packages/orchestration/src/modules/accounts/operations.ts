import type { HandlersOf } from "../../platform/operations/handler.js";
import type { AccountsService } from "./accounts-service.js";

/** The operations on accounts and their members. */
export function accountHandlers(accounts: AccountsService): HandlersOf<"accounts"> {
  return {
    "accounts.list": (context, input) => accounts.list(context, input),
    "accounts.get": (context) => accounts.get(context),
    "accounts.create": (context, input) => accounts.create(context, input),
    "accounts.update": (context, input) => accounts.update(context, input),
    "accounts.listMembers": (context, input) => accounts.listMembers(context, input),
    "accounts.provisionMember": (context, input) => accounts.provisionMember(context, input),
    "accounts.setRoles": (context, input) => accounts.setRoles(context, input),
    "accounts.removeMember": (context, input) => accounts.removeMember(context, input),
    "accounts.transfer": (context, input) => accounts.transfer(context, input),
    "accounts.delete": (context, input) => accounts.remove(context, input),
  };
}
