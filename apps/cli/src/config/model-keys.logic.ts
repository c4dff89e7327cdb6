import type { AgentLaunch, ModelProvider } from "@millrace/executors";

/** A provider that agents reach their model at, and the variable with its key. Its address is no setting: a board cannot lead a key elsewhere. */
export interface ModelKey extends Pick<ModelProvider, "name" | "formats" | "baseUrl"> {
  readonly variable: string;
}

const MODEL_KEYS: readonly ModelKey[] = [
  { name: "anthropic", formats: ["anthropic-messages"], baseUrl: "https://api.anthropic.com/v1", variable: "ANTHROPIC_API_KEY" },
  { name: "openai", formats: ["openai-chat", "openai-responses"], baseUrl: "https://api.openai.com/v1", variable: "OPENAI_API_KEY" },
];

/** The key that an agent's model needs in a sandbox; null for an agent without a model of a known provider. */
export function modelKeyOf({ model }: Pick<AgentLaunch, "name" | "model">): ModelKey | null {
  return MODEL_KEYS.find(({ name }) => model?.model.startsWith(`${name}:`) === true) ?? null;
}
