import type { Digest } from "@millrace/contracts";

/**
 * Lower-case hex SHA-256 of a text (UTF-8): the same answer as `digestText`. A host with a synchronous digest answers at
 * once; Web Crypto's comes from another thread, and waiting for it was almost half of an inline step.
 */
export type DigestText = (text: string) => Digest | Promise<Digest>;
