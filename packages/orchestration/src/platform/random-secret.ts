/**
 * A secret of 256 random bits, as 64 hex digits: no shape that redaction knows is in it, so that the link of a mail arrives as it was made.
 * What is stored of it is its digest.
 */
export function randomSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
