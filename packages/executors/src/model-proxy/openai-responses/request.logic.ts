import { ModelRefusal } from "../wire/refusal.logic.js";
import { parseBody } from "../wire/parse-body.logic.js";
import { clientTools } from "../wire/tools.logic.js";
import type { CallBounds, Endpoint, PreparedCall } from "../wire/wire-format.port.js";
import { itemSchema, requestSchema } from "./request.schema.js";

const CLIENT_TOOLS: ReadonlySet<string> = new Set(["function", "custom", "local_shell", "shell", "apply_patch"]);
/** An item, and the parts of it. */
const DEEPEST_PART = 2;

/** @throws ModelRefusal `invalid_body`, `beyond_door`. */
export function prepareResponses(body: unknown, _endpoint: Endpoint, { model, outputTokens }: CallBounds): PreparedCall {
  const request = parseBody(requestSchema, body);
  assertInside(request.input, DEEPEST_PART);
  const bound = request.max_output_tokens ?? outputTokens;
  const tools = clientTools(request.tools, (type) => CLIENT_TOOLS.has(type));
  return { body: { ...request, model, tools, max_output_tokens: bound }, outputTokens: bound };
}

function assertInside(parts: unknown, deepest: number): void {
  if (!Array.isArray(parts)) return;
  if (deepest === 0) throw new ModelRefusal("invalid_body");
  for (const part of parts) {
    const item = parseBody(itemSchema, part);
    const isElsewhere =
      item.type === "item_reference" ||
      (item.file_id ?? null) !== null ||
      (item.file_url ?? null) !== null ||
      !(item.image_url ?? "data:").startsWith("data:");
    if (isElsewhere) throw new ModelRefusal("beyond_door");
    assertInside(item.content, deepest - 1);
    assertInside(item.output, deepest - 1);
  }
}
