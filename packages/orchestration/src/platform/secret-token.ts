/** Bytes of a secret: 256 bits are not guessed. */
const BYTES = 32;

/** A fresh secret of 256 bits, as 64 lower-case hex digits: no redaction takes it for another kind of token. */
export function secretToken(): string {
  // oxlint-disable-next-line no-restricted-properties -- nothing is decided by it, and only its digest is stored; Web Crypto is on every host
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
