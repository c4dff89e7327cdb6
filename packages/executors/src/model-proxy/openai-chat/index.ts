import { openAiCommon } from "../wire/openai-common.js";
import type { WireFormat } from "../wire/wire-format.port.js";
import { prepareChat } from "./request.logic.js";
import { readChat, readChatEvent } from "./usage.logic.js";

/** OpenAI's Chat Completions API, which most other servers speak too. */
export const openAiChat: WireFormat = {
  ...openAiCommon,
  name: "openai-chat",
  endpoints: [{ path: "/v1/chat/completions", target: "chat/completions", query: null, isMetered: true }],
  prepare: prepareChat,
  usageMarks: ['"usage"'],
  readEvent: readChatEvent,
  readAnswer: readChat,
};
