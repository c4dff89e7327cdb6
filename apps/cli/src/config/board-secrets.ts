import { knownAgents } from "@millrace/executors";
import type { Config } from "./config.schema.js";
import { modelKeyOf } from "./model-keys.logic.js";

/** A variable of the environment that a board reads, and a host that gets its value. */
export interface BoundSecret {
  readonly variable: string;
  readonly host: string;
}

/** Hosts of providers whose address a configuration need not name. */
const PROVIDER_HOSTS = { anthropic: "api.anthropic.com", openai: "api.openai.com", "openai-compatible": "" } as const;

/** Every secret that a configuration reads, with each host it goes to. */
export function secretsOf({ agent, inline, repository }: Pick<Config, "agent" | "inline" | "repository">): readonly BoundSecret[] {
  const { github } = repository;
  return [
    ...(github === undefined ? [] : [github.apiUrl, github.webUrl].map((url) => ({ variable: github.tokenEnv, host: hostOf(url) }))),
    ...(inline == null
      ? []
      : [{ variable: inline.apiKeyEnv, host: inline.baseUrl === undefined ? PROVIDER_HOSTS[inline.provider] : hostOf(inline.baseUrl) }]),
    ...secretsOfAgent(agent),
  ];
}

/** The key of its model's provider. */
function secretsOfAgent(agent: string | null): readonly BoundSecret[] {
  const known = Object.entries(knownAgents).find(([name]) => name === agent?.trim())?.[1];
  const key = known === undefined ? null : modelKeyOf(known);
  return key === null ? [] : [{ variable: key.variable, host: hostOf(key.baseUrl) }];
}

function hostOf(url: string): string {
  return new URL(url).host;
}
