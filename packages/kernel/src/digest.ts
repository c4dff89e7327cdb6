import type { Digest, JsonValue } from "@millrace/contracts";

/** Lower-case hex SHA-256 of a text. Web Crypto, so asynchronous: the shell computes it, the pure core only compares. */
export async function digestText(text: string): Promise<Digest> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** JSON with sorted keys: equal values have equal text, independent of the order of their keys. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry as JsonValue)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/** Digest of a JSON value, independent of key order. */
export function digestJson(value: JsonValue): Promise<Digest> {
  return digestText(canonicalJson(value));
}
