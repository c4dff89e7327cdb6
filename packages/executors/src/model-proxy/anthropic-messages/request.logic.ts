import { ModelRefusal } from "../wire/refusal.logic.js";
import { parseBody } from "../wire/parse-body.logic.js";
import { clientTools } from "../wire/tools.logic.js";
import type { CallBounds, Endpoint, PreparedCall } from "../wire/wire-format.port.js";
import { blockSchema, messageSchema, requestSchema } from "./request.schema.js";

/** Sources of an image or a document that are in the request itself. */
const SOURCES_INSIDE: ReadonlySet<string> = new Set(["base64", "text", "content"]);
/** Blocks within blocks: a result within a message, a part within a result or a document. */
const DEEPEST_BLOCK = 4;
const CLIENT_TOOL = /^(?:function|custom|(?:bash|text_editor|computer|memory|tool_search_tool)_\w+)$/;

/** @throws ModelRefusal `invalid_body`, `beyond_door`. */
export function prepareMessages(body: unknown, endpoint: Endpoint, { model, outputTokens }: CallBounds): PreparedCall {
  const request = parseBody(requestSchema, body);
  for (const message of request.messages) assertInside(parseBody(messageSchema, message).content, DEEPEST_BLOCK);
  const bound = request.max_tokens ?? outputTokens;
  // Counting tokens knows no limit of the output.
  const limit = endpoint.isMetered ? { max_tokens: bound } : {};
  const tools = clientTools(request.tools, (type) => CLIENT_TOOL.test(type));
  return { body: { ...request, model, tools, ...limit }, outputTokens: bound };
}

/** A URL is fetched by the provider, past the door, and a stored file is paid for at an unknown length. */
function assertInside(content: unknown, deepest: number): void {
  if (!Array.isArray(content)) return;
  if (deepest === 0) throw new ModelRefusal("invalid_body");
  for (const part of content) {
    const block = parseBody(blockSchema, part);
    if (block.type === "container_upload") throw new ModelRefusal("beyond_door");
    if (block.source !== undefined && !SOURCES_INSIDE.has(block.source.type)) throw new ModelRefusal("beyond_door");
    assertInside(block.content, deepest - 1);
    assertInside(block.source?.content, deepest - 1);
  }
}
