import { MillraceError } from "@millrace/kernel";

/** What an identity provider may send at most, in bytes. */
const MAX_BYTES = 256 * 1024;

/** Sends a request. The same as the global one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * A request to a provider: answered within `timeoutMs`, with 256 KiB at most, and never sent on to another address.
 * @throws MillraceError `upstream_failed` when it does not answer, fails or asks for patience; `upstream_refused` for a redirect, or an
 * answer that is too large.
 */
export function boundedFetch(name: string, timeoutMs: number, send: Fetch = (url, init) => fetch(url, init)): Fetch {
  return async (url, init) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init.signal == null ? timeout : AbortSignal.any([init.signal, timeout]);
    try {
      const response = await send(url, { ...init, redirect: "manual", signal });
      const { status, headers } = response;
      if (status >= 500 || status === 429) throw failed(name, `answers ${status}`);
      if (status >= 300 && status < 400) throw refused(name, "sends on to another address");
      return new Response(await bounded(name, response), { status, headers });
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      throw failed(name, "cannot be reached", cause);
    }
  };
}

async function bounded(name: string, response: Response): Promise<Uint8Array<ArrayBuffer> | null> {
  if (response.body === null) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw refused(name, "sends more than 256 KiB");
    chunks.push(chunk);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** The provider does not answer now. */
export function failed(name: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError("upstream_failed", `the identity provider '${name}' ${why}`, {
    fix: "try again; if it stays so, look at its status page",
    details: { provider: name },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The provider answers, and not with what was asked for. */
export function refused(name: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError("upstream_refused", `the identity provider '${name}' ${why}`, {
    fix: "check its client id, secret and address in the configuration of this host",
    details: { provider: name },
    ...(cause === undefined ? {} : { cause }),
  });
}
