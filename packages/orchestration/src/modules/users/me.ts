import { capabilitySchema, type Capability, type Me, type Role, type User } from "@millrace/contracts";
import type { StoredIdentity } from "@millrace/kernel";
import { holds } from "../../platform/operations/access.js";
import type { Caller } from "../../platform/operations/caller.js";
import { personOf } from "../../platform/operations/person-of.js";
import { newUser } from "./resolve-sign-in.logic.js";

/** The caller, and what it may do. `user` null: the host keeps no users, and the caller is who it says. */
export function meOf(caller: Caller, user: User | null, identities: readonly StoredIdentity[]): Me {
  const { actor, grants } = caller;
  const { token, withoutAccount = [] } = grants;
  const held = (roles: readonly Role[]) => ({ roles: [...roles], capabilities: capabilitiesOf(caller, roles) });
  const id = personOf(caller);
  return {
    user: user ?? newUser({ id, name: id.slice(0, 120), email: null, isEmailVerified: false, at: 0 }),
    isLocal: user === null,
    identities: identities.map(({ id: identityId, provider, label, createdAt }) => ({ id: identityId, provider, label, createdAt })),
    accounts: Object.entries(grants.accounts)
      .map(([accountId, roles]) => ({ accountId, ...held(roles) }))
      .toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1)),
    withoutAccount: withoutAccount.length === 0 ? null : held(withoutAccount),
    isOperator: grants.isOperator === true,
    token:
      token === undefined
        ? null
        : { id: token.id, scopes: [...token.scopes], workspaces: token.workspaces === null ? null : [...token.workspaces] },
    agent: actor.type === "agent" ? actor.id : null,
    confirmedUntil: grants.confirmedUntil ?? null,
  };
}

function capabilitiesOf(caller: Caller, roles: readonly Role[]): Capability[] {
  return capabilitySchema.options.filter((capability) => holds(caller, capability, roles));
}
