import type { ModelWireFormat } from "@millrace/kernel";
import { anthropicMessages } from "./anthropic-messages/index.js";
import { openAiChat } from "./openai-chat/index.js";
import { openAiResponses } from "./openai-responses/index.js";
import type { WireFormat } from "./wire/wire-format.port.js";

/** The registration of all formats. */
export const wireFormats: Readonly<Record<ModelWireFormat, WireFormat>> = {
  "anthropic-messages": anthropicMessages,
  "openai-chat": openAiChat,
  "openai-responses": openAiResponses,
};

/**
 * The variables that lead clients of these formats to a forwarder on loopback. They hold the run token: they belong into the environment
 * of an agent, and into no file.
 */
export function modelEnvironment(door: {
  readonly formats: readonly ModelWireFormat[];
  readonly token: string;
  /** Port of the forwarder. */
  readonly port: number;
}): Record<string, string> {
  const url = `http://127.0.0.1:${door.port}`;
  return Object.assign({}, ...door.formats.map((format) => wireFormats[format].environment(url, door.token)));
}
