import type { WireFormat } from "../wire/wire-format.port.js";
import { prepareMessages } from "./request.logic.js";
import { readMessage, readMessageEvent } from "./usage.logic.js";

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  502: "api_error",
};

/** Anthropic's Messages API. */
export const anthropicMessages: WireFormat = {
  name: "anthropic-messages",
  endpoints: [
    { path: "/v1/messages", target: "messages", query: "beta=true", isMetered: true },
    { path: "/v1/messages/count_tokens", target: "messages/count_tokens", query: "beta=true", isMetered: false },
  ],
  requestHeaders: ["anthropic-version", "anthropic-beta"],
  credential: (key) => ["x-api-key", key],
  prepare: prepareMessages,
  usageMarks: ["message_start", "message_delta", "message_stop"],
  readEvent: readMessageEvent,
  readAnswer: readMessage,
  errorBody: ({ status, code, message }) => ({
    type: "error",
    error: { type: TYPES[status] ?? "invalid_request_error", message, code },
  }),
  modelList: (model) => ({
    data: [{ type: "model", id: model, display_name: model, created_at: "1970-01-01T00:00:00Z" }],
    has_more: false,
    first_id: model,
    last_id: model,
  }),
  environment: (url, token) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token }),
};
