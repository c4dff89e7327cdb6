import { openAiCommon } from "../wire/openai-common.js";
import type { WireFormat } from "../wire/wire-format.port.js";
import { prepareResponses } from "./request.logic.js";
import { readResponse, readResponseEvent } from "./usage.logic.js";

/** OpenAI's Responses API. */
export const openAiResponses: WireFormat = {
  ...openAiCommon,
  name: "openai-responses",
  endpoints: [{ path: "/v1/responses", target: "responses", query: null, isMetered: true }],
  prepare: prepareResponses,
  usageMarks: ['"usage"'],
  readEvent: readResponseEvent,
  readAnswer: readResponse,
};
