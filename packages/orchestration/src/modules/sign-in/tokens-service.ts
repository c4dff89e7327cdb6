import type { ApiToken, CreateToken } from "@millrace/contracts";
import { digestText as webDigest, isMillraceError, notFound, type StoredApiToken, type TokenOwner } from "@millrace/kernel";
import { appendAccountEvent, appendHostEvent } from "../../platform/board-event.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import { refuseToken, requireConfirmed, requireCapability, rolesInWorkspace } from "../../platform/operations/access.js";
import type { AccountContext, OperationContext } from "../../platform/operations/handler.js";
import { pageOf } from "../../platform/page-of.logic.js";
import { secretToken } from "../../platform/secret-token.js";
import type { SignInPorts } from "./sessions-service.js";
import { credentialText, planToken } from "./sign-in.logic.js";

/** Tokens that have not expired, of one person and of one account at most. */
const MAX_TOKENS = 50;

/** A token that was made, and the text that proves it: told once. */
interface CreatedToken {
  readonly token: ApiToken;
  readonly secret: string | null;
}

/** Tokens of people and of accounts. */
export class TokensService {
  readonly #ports: SignInPorts;

  constructor(ports: SignInPorts) {
    this.#ports = ports;
  }

  /**
   * Makes a token of the caller.
   * @throws MillraceError `limit_reached`, `validation`, `not_found`, `unauthenticated` without the fresh proof that its scopes need, `forbidden`.
   */
  async create(context: OperationContext, input: CreateToken): Promise<CreatedToken> {
    const { caller, by } = context;
    refuseToken(caller);
    const plan = planToken(input, "personal", by.at);
    if (plan.needsProof) requireConfirmed(caller, by.at);
    if (plan.scopes.includes("operator")) requireCapability(caller, "operator", []);
    const userId = caller.actor.id;
    if ((await this.#ports.store.users.get(userId)) === null)
      throw notFound("user", userId, "this host keeps no users: nobody needs a token");
    await this.#checkWorkspaces(context, input.workspaces, null);
    const isConfirmed = (caller.grants.confirmedUntil ?? 0) > by.at;
    return this.#make(context, { ...input, ...plan, kind: "personal", userId, accountId: null, isConfirmed });
  }

  /** As `create`, of a machine of the account: at most what a developer may, and never an answer for people. */
  async createForAccount(
    context: AccountContext,
    { accountId, ...input }: CreateToken & { readonly accountId: string },
  ): Promise<CreatedToken> {
    refuseToken(context.caller);
    const plan = planToken(input, "service", context.by.at);
    await this.#checkWorkspaces(context, input.workspaces, accountId);
    return this.#make(context, { ...input, ...plan, kind: "service", userId: null, accountId, isConfirmed: false });
  }

  /** Newest first, without secrets. */
  async list(owner: TokenOwner, { limit, after }: { readonly limit: number; readonly after?: string | undefined }) {
    const found = await this.#ports.store.apiTokens.list(owner, { limit, after });
    return pageOf(found.map(withoutDigest), limit, ({ id }) => id);
  }

  /** Revokes a token of that owner; one that is gone, or is somebody else's, stays as it is. */
  async revoke({ by, commit, caller }: OperationContext, owner: TokenOwner, tokenId: string): Promise<void> {
    refuseToken(caller);
    const found = await this.#ports.store.apiTokens.get(tokenId);
    if (found === null) return;
    const { name, userId } = found.token;
    const event = { type: "token-revoked", tokenId, name, userId } as const;
    const logged = "userId" in owner ? appendHostEvent(by, event) : appendAccountEvent(owner.accountId, by, event);
    try {
      await commit([{ change: "delete-api-token", owner, tokenId }, logged], undefined);
    } catch (error) {
      if (!isMillraceError(error, "not_found")) throw error;
    }
  }

  async #make(
    { by, commit }: OperationContext,
    request: Pick<ApiToken, "kind" | "userId" | "accountId" | "name" | "expiresAt" | "isConfirmed"> & {
      readonly scopes: readonly ApiToken["scopes"][number][];
      readonly workspaces?: readonly string[] | undefined;
    },
  ): Promise<CreatedToken> {
    const { kind, userId, accountId, name, scopes, workspaces, expiresAt, isConfirmed } = request;
    const secret = secretToken();
    const token: ApiToken = {
      id: this.#ports.ids.next("mr"),
      kind,
      userId,
      accountId,
      name,
      scopes: [...scopes],
      workspaces: workspaces === undefined ? null : [...new Set(workspaces)],
      createdAt: by.at,
      expiresAt,
      lastUsedAt: null,
      isConfirmed,
    };
    const digest = await (this.#ports.digestText ?? webDigest)(secret);
    const event = { type: "token-created", tokenId: token.id, name, scopes: token.scopes, userId } as const;
    const insert: HostChange = { change: "insert-api-token", token: { ...token, digest }, max: MAX_TOKENS };
    const logged = accountId === null ? appendHostEvent(by, event) : appendAccountEvent(accountId, by, event);
    const answer = { token, secret: credentialText({ id: token.id, secret }) };
    return commit<CreatedToken>([insert, logged], answer, { token, secret: null });
  }

  /** Each is one that the caller is in, and of that account where there is one; another one reads as missing. */
  async #checkWorkspaces({ caller }: OperationContext, workspaces: readonly string[] = [], accountId: string | null): Promise<void> {
    for (const id of workspaces) {
      const workspace = await this.#ports.store.workspaces.get(id);
      const isInside = workspace !== null && rolesInWorkspace(caller, workspace).length > 0;
      if (!isInside || (accountId !== null && workspace.accountId !== accountId)) throw notFound("workspace", id);
    }
  }
}

function withoutDigest({ digest: _, ...token }: StoredApiToken): ApiToken {
  return token;
}
