/** Turns passwords into digests that are slow to guess from. A digest names its own parameters, so that they can be raised. */
export interface PasswordHasher {
  /** Digest of a password, with a salt of its own. */
  hash(password: string): Promise<string>;
  /** Whether the digest is of this password, told in a time that does not depend on it; `isOld`: it is to be hashed anew. */
  verify(password: string, digest: string): Promise<{ readonly matches: boolean; readonly isOld: boolean }>;
}
