import type { JsonValue } from "@millrace/contracts";
import type { WireFormat } from "./wire-format.port.js";

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "insufficient_quota",
  403: "permission_error",
  429: "rate_limit_error",
  502: "api_error",
};

/** The parts that both APIs of OpenAI have in common. */
export const openAiCommon = {
  requestHeaders: ["openai-beta"],
  credential: (key) => ["authorization", `Bearer ${key}`],
  errorBody: ({ status, code, message }): JsonValue => ({
    error: { message, type: TYPES[status] ?? "invalid_request_error", param: null, code },
  }),
  modelList: (model): JsonValue => ({ object: "list", data: [{ id: model, object: "model", created: 0, owned_by: "millrace" }] }),
  environment: (url, token) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: token }),
} satisfies Pick<WireFormat, "requestHeaders" | "credential" | "errorBody" | "modelList" | "environment">;
