import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { IncomingMessage, ServerResponse } from "node:http";

/** Only the path of a request counts; the host of a socket has no name. */
const ORIGIN = "http://model.invalid";
/** Methods that a fetch handler cannot be asked with. */
const FORBIDDEN: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/**
 * Passes a request to a fetch handler and its answer back, both as streams at the pace of their reader. A client that leaves aborts the
 * request. Rejects when the client left or the answer broke: the connection has to break then, so that a cut answer stays cut.
 */
export async function passOn(
  handle: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const client = new AbortController();
  outgoing.on("close", () => client.abort());
  const request = requestOf(incoming, client.signal);
  const answer = request === null ? new Response(null, { status: 400 }) : await handle(request);
  // What was not read of a refused request is not waited for.
  if (!incoming.complete) outgoing.setHeader("connection", "close");
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(answer.body), outgoing);
}

/** Null for a target that a URL would read as something else: another host, a path with dots or doubled slashes. */
function urlOf(target: string): string | null {
  const url = target.startsWith("/") ? URL.parse(`${ORIGIN}${target}`) : null;
  return url !== null && `${url.pathname}${url.search}` === target && !target.includes("//") ? url.href : null;
}

/** Null for what is no request of an API: such a target, or a method that a fetch handler does not take. */
function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request | null {
  const url = urlOf(incoming.url ?? "");
  const { method = "" } = incoming;
  if (url === null || FORBIDDEN.has(method)) return null;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  // Not `Readable.toWeb`: when its reader stops early it destroys the connection before the answer, or throws out of the event loop.
  const body = (): ReadableStream<Uint8Array> => ReadableStream.from<Uint8Array>(incoming.iterator({ destroyOnReturn: false }));
  return new Request(url, { method, headers, signal, ...(method === "POST" ? { body: body(), duplex: "half" } : {}) });
}
