import type { HandlersOf } from "../../platform/operations/handler.js";
import { personOf } from "../../platform/operations/person-of.js";
import type { SignInService } from "./index.js";

/** The operations on signing in, sessions and tokens. */
export function signInHandlers({ configuration, signUp, sessions, providers, tokens }: SignInService): HandlersOf<"sign-in"> {
  return {
    "sign-in.configuration": async () => configuration,
    "sign-in.signUp": ({ caller }, input) => signUp(caller, input),
    "sign-in.signIn": ({ caller }, input) => sessions.signIn(caller, input),
    "sign-in.startProvider": ({ caller }, input) => providers.start(caller, "sign-in", input),
    "sign-in.finishProvider": ({ caller }, input) => providers.finish(caller, input),
    "sign-in.linkProvider": ({ caller }, input) => providers.start(caller, "link", input),
    "sign-in.signOut": (context) => sessions.signOut(context),
    "sign-in.listSessions": (context, page) => sessions.list(context, page),
    "sign-in.endSession": (context, { sessionId }) => sessions.endSession(context, sessionId),
    "sign-in.endOtherSessions": (context) => sessions.endOthers(context),
    "sign-in.confirm": (context, { password }) => sessions.confirm(context, password),
    "sign-in.confirmByProvider": ({ caller }, input) => providers.start(caller, "confirm", input),
    "sign-in.createToken": (context, input) => tokens.create(context, input),
    "sign-in.listTokens": ({ caller }, page) => tokens.list({ userId: personOf(caller) }, page),
    "sign-in.revokeToken": (context, { tokenId }) => tokens.revoke(context, { userId: context.caller.actor.id }, tokenId),
    "sign-in.createServiceToken": (context, input) => tokens.createForAccount(context, input),
    "sign-in.listServiceTokens": (_context, { accountId, ...page }) => tokens.list({ accountId }, page),
    "sign-in.revokeServiceToken": (context, { accountId, tokenId }) => tokens.revoke(context, { accountId }, tokenId),
  };
}
