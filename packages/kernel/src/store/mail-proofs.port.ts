/** What a mail proves: that the one who opened it reads the mails of an address. */
export interface MailProof {
  readonly id: string;
  /** `sign-up`: a user is made. `address`: the address becomes that of the user. `password-reset`: the user gets a new password. */
  readonly purpose: "sign-up" | "address" | "password-reset";
  /** SHA-256 of the secret in the mail, unique. The secret itself is not stored here. */
  readonly digest: string;
  /** Null: of a sign-up. */
  readonly userId: string | null;
  /** The address, in lower case. */
  readonly email: string;
  /** Name and digest of the password of the user that a sign-up makes; null otherwise. */
  readonly name: string | null;
  readonly password: string | null;
  /** Digest of the token of the invitation that a sign-up came with; null: it had none. */
  readonly invitation: string | null;
  readonly createdAt: number;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** Changes of mail proofs. They belong to the host. */
export interface MailProofChanges {
  /** Fails with `conflict` when the id is in use. */
  "insert-mail-proof": { readonly proof: MailProof };
  /** Uses it up. Fails with `proof_invalid` when it is gone: each is good for once. */
  "take-mail-proof": { readonly proofId: string };
  /** Removes those of a user, of one purpose. */
  "delete-mail-proofs": { readonly ofUser: string; readonly purpose: MailProof["purpose"] };
}

/** Reads of mail proofs. */
export interface MailProofReads {
  byDigest(digest: string): Promise<MailProof | null>;
  /** Deletes those that expired before `before` (epoch ms), at most `limit` (1..200); returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}
