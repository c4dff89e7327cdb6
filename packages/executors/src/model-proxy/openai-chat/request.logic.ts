import { ModelRefusal } from "../wire/refusal.logic.js";
import { parseBody } from "../wire/parse-body.logic.js";
import { clientTools } from "../wire/tools.logic.js";
import type { CallBounds, Endpoint, PreparedCall } from "../wire/wire-format.port.js";
import { messageSchema, partSchema, requestSchema } from "./request.schema.js";

const CLIENT_TOOLS: ReadonlySet<string> = new Set(["function", "custom"]);

/** A stream is asked for its usage. @throws ModelRefusal `invalid_body`, `beyond_door`. */
export function prepareChat(body: unknown, _endpoint: Endpoint, bounds: CallBounds): PreparedCall {
  const request = parseBody(requestSchema, body);
  for (const message of request.messages) assertInside(parseBody(messageSchema, message).content);
  const stated = [request.max_completion_tokens, request.max_tokens].filter((tokens) => typeof tokens === "number");
  const limit = stated.length === 0 ? { max_completion_tokens: bounds.outputTokens } : {};
  const usage = request.stream === true ? { stream_options: { ...request.stream_options, include_usage: true } } : {};
  const tools = clientTools(request.tools, (type) => CLIENT_TOOLS.has(type));
  return {
    body: { ...request, model: bounds.model, tools, ...limit, ...usage },
    outputTokens: Math.max(...stated, ...(stated.length === 0 ? [bounds.outputTokens] : [])),
  };
}

function assertInside(content: unknown): void {
  if (!Array.isArray(content)) return;
  for (const part of content) {
    const { image_url: image, file } = parseBody(partSchema, part);
    if (image !== undefined && !image.startsWith("data:")) throw new ModelRefusal("beyond_door");
    if (file?.file_id !== undefined) throw new ModelRefusal("beyond_door");
  }
}
