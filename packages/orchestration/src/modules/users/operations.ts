import type { HandlersOf } from "../../platform/operations/handler.js";
import type { UsersModuleService } from "./index.js";

/** The operations on users. */
export function userHandlers({ users, passwords }: UsersModuleService): HandlersOf<"users"> {
  return {
    "users.me": ({ caller }) => users.me(caller),
    "users.updateMe": (context, input) => users.updateMe(context, input),
    "users.changeEmail": async (context, { email }) => passwords.changeEmail(context, await users.own(context), email),
    "users.confirmEmail": (_context, { proof }) => passwords.confirmEmail(proof),
    "users.unlinkIdentity": (context, { identityId }) => users.unlinkIdentity(context, identityId),
    "users.setPassword": async (context, input) => passwords.setPassword(context, await users.own(context), input),
    "users.requestReset": ({ caller }, { email }) => passwords.requestReset(caller, email),
    "users.resetPassword": (_context, { proof, next }) => passwords.resetPassword(proof, next),
    "users.deleteMe": (context, { confirm }) => users.deleteMe(context, confirm),
    "users.list": (_context, input) => users.list(input),
    "users.disable": (context, { userId }) => users.setDisabled(context, userId, true),
    "users.enable": (context, { userId }) => users.setDisabled(context, userId, false),
  };
}
