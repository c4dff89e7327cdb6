import type { Actor, Role, TokenScope } from "@millrace/contracts";

/** Token that a caller came with. It never lets through more than its owner may. */
export interface CallerToken {
  readonly id: string;
  /** `personal`: of a person. `service`: of an account, for a machine. */
  readonly kind: "personal" | "service";
  readonly scopes: readonly TokenScope[];
  /** Ids of the only workspaces it is good for; null: all of its owner's. */
  readonly workspaces: readonly string[] | null;
}

/** What a caller may do, as the host found when it authenticated the caller. */
export interface Grants {
  /** Roles by the id of the account. */
  readonly accounts: Readonly<Record<string, readonly Role[]>>;
  /** Roles in workspaces that belong to no account. Default: none. */
  readonly withoutAccount?: readonly Role[];
  /** Default: none, the caller has a session or is on the host's own machine. */
  readonly token?: CallerToken;
  /** Named as an operator in the configuration of the host. Default: no. */
  readonly isOperator?: boolean;
  /** Until when a fresh proof of who the caller is holds, in epoch ms. Default: there is none. */
  readonly confirmedUntil?: number;
}

/** Who calls an operation. A transport makes one from a request; a host without accounts makes its own. */
export interface Caller {
  readonly actor: Actor;
  /** Id of the person that an agent with a token acts for. Default: the actor acts for itself. */
  readonly onBehalfOf?: string;
  /** What a check of persons takes: a token, a session. Never stored. Default: none. */
  readonly credential?: string;
  readonly grants: Grants;
  /** Id of the session that the caller has. Default: it came with a token, or the host knows it otherwise. */
  readonly session?: string;
  /** Network address that the request came from, as a transport found it; attempts are counted by it. Default: this machine. */
  readonly source?: string;
  /** Secret that binds a sign-in at a provider to the browser that began it. Default: the caller brought none. */
  readonly browser?: string;
}

/** A request that proved nothing: it may call what is public. A transport adds its source: `{ ...ANONYMOUS, source }`. */
export const ANONYMOUS: Caller = { actor: { type: "system", id: "anonymous" }, grants: { accounts: {} } };

/** The one person of a host without accounts: owner of every workspace that belongs to no account, and its operator. */
export function localOwner(actor: Actor, credential?: string): Caller {
  return {
    actor,
    ...(credential === undefined ? {} : { credential }),
    grants: { accounts: {}, withoutAccount: ["owner"], isOperator: true, confirmedUntil: Number.MAX_SAFE_INTEGER },
  };
}
