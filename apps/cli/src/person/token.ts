import { createHash, timingSafeEqual } from "node:crypto";

/** A personal token as text: `mr_`, its id, and 32 random bytes in base64url. */
export interface Token {
  readonly id: string;
  readonly secret: string;
}

const TOKEN = /^mr_(?<id>[a-z0-9]{10})_(?<secret>[A-Za-z0-9_-]{43})$/;

/** Null for a text that is no token. */
export function parseToken(text: string): Token | null {
  const { id, secret } = TOKEN.exec(text.trim())?.groups ?? {};
  return id === undefined || secret === undefined ? null : { id, secret };
}

export function tokenText({ id, secret }: Token): string {
  return `mr_${id}_${secret}`;
}

/** What is kept of a token: no secret can be made from it. */
export function digestOf({ secret }: Pick<Token, "secret">): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares in a time that does not depend on where two digests differ. */
export function isDigestOf(token: Token, digest: string): boolean {
  const own = Buffer.from(digestOf(token));
  const known = Buffer.from(digest);
  return own.length === known.length && timingSafeEqual(own, known);
}
