import type { WireFormat } from "../wire/wire-format.port.js";
import { redactKeys } from "./key-shapes.logic.js";

/** Headers of an answer that reach the client. What names the account of the host, its limits or its servers does not. */
const RESPONSE_HEADERS = ["content-type", "retry-after", "retry-after-ms", "x-should-retry", "request-id", "x-request-id"] as const;
const LONGEST_HEADER = 1024;

/** Headers of a request to the provider: those of the client that its format knows, and the provider's key. Everything else is left out. */
export function requestHeaders(client: Headers, format: WireFormat, key: string): Headers {
  const headers = new Headers({ "content-type": "application/json", "accept-encoding": "identity" });
  for (const name of ["accept", ...format.requestHeaders]) {
    const value = client.get(name);
    if (value !== null && value.length <= LONGEST_HEADER) headers.set(name, value);
  }
  headers.set(...format.credential(key));
  return headers;
}

/** Headers of an answer to the client. */
export function responseHeaders(provider: Headers, key: string): Headers {
  const headers = new Headers({ "cache-control": "no-store" });
  for (const name of RESPONSE_HEADERS) {
    const value = provider.get(name);
    if (value !== null && value.length <= LONGEST_HEADER) headers.set(name, redactKeys(value, [key]));
  }
  return headers;
}

/** The one credential of a request, from either header that the formats use; null when there is none, or two that differ. */
export function credentialOf(headers: Headers): string | null {
  const bearer = /^Bearer (?<token>\S+)$/i.exec(headers.get("authorization") ?? "")?.groups?.["token"];
  const found = new Set([bearer, headers.get("x-api-key") ?? undefined].filter((token) => token !== undefined));
  const [token] = found;
  return found.size === 1 ? (token ?? null) : null;
}
