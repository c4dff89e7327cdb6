import { isDeeperThan } from "../guards/json-depth.logic.js";
import { ModelRefusal } from "./refusal.logic.js";

/** Objects and lists inside each other. Schemas of tools come nowhere near. */
const MAX_DEPTH = 100;

/**
 * The JSON of a request, read up to `maxBytes`.
 *
 * @throws ModelRefusal `too_large`, `compressed_body`, `invalid_body`.
 */
export async function readBody(request: Request, maxBytes: number): Promise<unknown> {
  if (!["identity", null].includes(request.headers.get("content-encoding"))) throw new ModelRefusal("compressed_body");
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw new ModelRefusal("too_large");
  const bytes = await collect(request.body, maxBytes);
  if (isDeeperThan(bytes, MAX_DEPTH)) throw new ModelRefusal("invalid_body");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ModelRefusal("invalid_body");
  }
}

/** All bytes of a stream. @throws ModelRefusal `too_large`, `invalid_body` when the stream breaks. */
async function collect(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body ?? []) {
      length += chunk.length;
      if (length > maxBytes) throw new ModelRefusal("too_large");
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof ModelRefusal ? error : new ModelRefusal("invalid_body");
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
