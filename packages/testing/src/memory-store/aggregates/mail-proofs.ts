import { proofInvalid, type MailProofChanges, type MailProofReads } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { copyOrNull } from "../paging.js";
import { taken } from "../row-checks.js";
import type { MemoryTables } from "../tables.js";
import { sweep } from "../sweep.js";

export const mailProofChanges: MemoryHandlers<MailProofChanges> = {
  "insert-mail-proof"(draft, { proof }) {
    if (draft.tables.mailProofs.has(proof.id)) throw taken("mail proof", proof.id);
    draft.set(draft.tables.mailProofs, proof.id, proof);
  },
  "take-mail-proof"(draft, { proofId }) {
    if (!draft.tables.mailProofs.has(proofId)) throw proofInvalid();
    draft.delete(draft.tables.mailProofs, proofId);
  },
  "delete-mail-proofs"(draft, { ofUser, purpose }) {
    const { mailProofs } = draft.tables;
    for (const [id, proof] of mailProofs) if (proof.userId === ofUser && proof.purpose === purpose) draft.delete(mailProofs, id);
  },
};

export function mailProofReads({ mailProofs }: MemoryTables): MailProofReads {
  return {
    byDigest: async (digest) => copyOrNull([...mailProofs.values()].find((proof) => proof.digest === digest)),
    deleteExpired: async (before, limit) => sweep(mailProofs, ({ expiresAt }) => expiresAt < before, limit),
  };
}
