import {
  notFound,
  tokenLimitReached,
  type ApiTokenChanges,
  type ApiTokenReads,
  type StoredApiToken,
  type TokenOwner,
} from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { oldestFirst, paged } from "../paging.js";
import { taken } from "../row-checks.js";
import { sweep } from "../sweep.js";
import type { MemoryTables } from "../tables.js";

export const apiTokenChanges: MemoryHandlers<ApiTokenChanges> = {
  "insert-api-token"(draft, { token, max }) {
    const { apiTokens } = draft.tables;
    if (apiTokens.has(token.id)) throw taken("token", token.id);
    const sameOwner = [...apiTokens.values()].filter(({ userId, accountId }) => userId === token.userId && accountId === token.accountId);
    if (sameOwner.filter(({ expiresAt }) => expiresAt > token.createdAt).length >= max) throw tokenLimitReached(max);
    draft.set(apiTokens, token.id, token);
  },
  "delete-api-token"(draft, { owner, tokenId }) {
    const { apiTokens } = draft.tables;
    const token = apiTokens.get(tokenId);
    if (token === undefined || !isOf(token, owner)) throw notFound("token", tokenId);
    draft.delete(apiTokens, tokenId);
  },
  "delete-api-tokens"(draft, { owner }) {
    const { apiTokens } = draft.tables;
    for (const token of apiTokens.values()) if (isOf(token, owner)) draft.delete(apiTokens, token.id);
  },
  "touch-api-token"(draft, { tokenId, at, before }) {
    const { apiTokens } = draft.tables;
    const token = apiTokens.get(tokenId);
    if (token !== undefined && (token.lastUsedAt ?? -1) < before) draft.set(apiTokens, tokenId, { ...token, lastUsedAt: at });
  },
};

function isOf(token: StoredApiToken, owner: TokenOwner): boolean {
  return "userId" in owner ? token.userId === owner.userId : token.accountId === owner.accountId;
}

export function apiTokenReads({ apiTokens, users }: MemoryTables): ApiTokenReads {
  return {
    async get(id) {
      const token = apiTokens.get(id);
      return token === undefined ? null : copyOf({ token, user: users.get(token.userId ?? "") ?? null });
    },
    list: async (owner, page) =>
      paged(
        [...apiTokens.values()]
          .filter((token) => isOf(token, owner))
          .toSorted(oldestFirst)
          .toReversed(),
        page,
      ),
    deleteExpired: async (before, limit) => sweep(apiTokens, ({ expiresAt }) => expiresAt < before, limit),
  };
}
