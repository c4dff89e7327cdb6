import { capabilityTable, type Capability, type Role, type Workspace } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { ANONYMOUS, type Caller } from "./caller.js";

/** Roles of the caller in an account; null: in a host without accounts. Empty: the caller is outside. */
export function rolesIn({ grants }: Caller, accountId: string | null): readonly Role[] {
  return (accountId === null ? grants.withoutAccount : grants.accounts[accountId]) ?? [];
}

/** Roles of the caller in a workspace. Empty: the caller is outside, or its token is for other workspaces. */
export function rolesInWorkspace(caller: Caller, { id, accountId }: Pick<Workspace, "id" | "accountId">): readonly Role[] {
  const { workspaces } = caller.grants.token ?? { workspaces: null };
  return workspaces === null || workspaces.includes(id) ? rolesIn(caller, accountId) : [];
}

/**
 * True if the caller holds the capability with these roles. What a token lets through is cut by its scopes; an agent and a machine hold
 * only what the table gives to them.
 */
export function holds({ actor, grants }: Caller, capability: Capability, roles: readonly Role[]): boolean {
  const traits = capabilityTable[capability];
  const { token } = grants;
  if (token === undefined && actor.type !== "human") return false;
  if (token !== undefined && traits.scope !== "any" && (traits.scope === null || !token.scopes.includes(traits.scope))) return false;
  if (token?.kind === "service") return traits.forServiceTokens;
  if (actor.type !== "human" && !traits.forAgents) return false;
  if (capability === "operator") return grants.isOperator === true;
  return capability === "self" || traits.roles.some((role) => roles.includes(role));
}

/**
 * Refuses a caller that does not hold the capability.
 * @throws MillraceError `forbidden`.
 */
export function requireCapability(caller: Caller, capability: Capability, roles: readonly Role[]): void {
  if (holds(caller, capability, roles)) return;
  const { scope } = capabilityTable[capability];
  throw new MillraceError("forbidden", `this needs the capability ${capability}`, {
    fix:
      caller.grants.token === undefined
        ? "ask an owner or admin of the account for a role that has it"
        : `use a token with the scope '${scope ?? "of a session"}', of somebody who has the capability`,
    details: { capability },
  });
}

/**
 * Refuses an agent that would change what is a person's own: with a token of that person it only reads it.
 * @throws MillraceError `forbidden`.
 */
export function requireThePersonItself({ actor }: Caller): void {
  if (actor.type === "human") return;
  throw new MillraceError("forbidden", `${actor.type} '${actor.id}' only reads what is a person's own`, {
    fix: "let the person change it",
    details: { capability: "self" },
  });
}

/**
 * Refuses a caller that proved nothing.
 * @throws MillraceError `unauthenticated`.
 */
export function requireSignedIn(caller: Caller): void {
  if (caller.actor === ANONYMOUS.actor)
    throw new MillraceError("unauthenticated", "this needs a caller who is signed in", { fix: "sign in, or send a token" });
}

/**
 * Refuses a caller that came with a token: what changes how a person signs in, or gives out further tokens, needs a session.
 * @throws MillraceError `forbidden`.
 */
export function refuseToken({ grants }: Caller): void {
  if (grants.token === undefined) return;
  throw new MillraceError("forbidden", "no token does this: it needs a session", { fix: "sign in, and do it there" });
}

/**
 * Refuses a caller without a fresh proof.
 * @throws MillraceError `unauthenticated`.
 */
export function requireConfirmed({ grants }: Caller, now: number): void {
  if ((grants.confirmedUntil ?? 0) > now) return;
  throw new MillraceError("unauthenticated", "this needs a fresh proof of who you are, of the last 10 minutes", {
    fix: "confirm with your password or provider, then do it again",
    details: { confirm: true },
  });
}
