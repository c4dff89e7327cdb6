import { proofInvalid, type SignInStateChanges, type SignInStateReads } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { copyOrNull } from "../paging.js";
import { taken } from "../row-checks.js";
import { sweep } from "../sweep.js";
import type { MemoryTables } from "../tables.js";

export const signInStateChanges: MemoryHandlers<SignInStateChanges> = {
  "insert-sign-in-state"(draft, { state }) {
    if (draft.tables.signInStates.has(state.id)) throw taken("sign-in", state.id);
    draft.set(draft.tables.signInStates, state.id, state);
  },
  "take-sign-in-state"(draft, { stateId }) {
    if (!draft.tables.signInStates.has(stateId)) throw proofInvalid();
    draft.delete(draft.tables.signInStates, stateId);
  },
};

export function signInStateReads({ signInStates }: MemoryTables): SignInStateReads {
  return {
    byDigest: async (digest) => copyOrNull([...signInStates.values()].find((state) => state.digest === digest)),
    deleteExpired: async (before, limit) => sweep(signInStates, ({ expiresAt }) => expiresAt < before, limit),
  };
}
