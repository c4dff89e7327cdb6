import type { Config } from "./config.schema.js";

/** A variable of the environment that a board reads, and a host that gets its value. */
export interface BoundSecret {
  readonly variable: string;
  readonly host: string;
}

/** Hosts of providers whose address a configuration need not name. */
const PROVIDER_HOSTS = { anthropic: "api.anthropic.com", openai: "api.openai.com", "openai-compatible": "" } as const;

/** Every secret that a configuration reads, with each host it goes to. */
export function secretsOf({ inline, repository }: Pick<Config, "inline" | "repository">): readonly BoundSecret[] {
  const { github } = repository;
  return [
    ...(github === undefined ? [] : [github.apiUrl, github.webUrl].map((url) => ({ variable: github.tokenEnv, host: hostOf(url) }))),
    ...(inline == null
      ? []
      : [{ variable: inline.apiKeyEnv, host: inline.baseUrl === undefined ? PROVIDER_HOSTS[inline.provider] : hostOf(inline.baseUrl) }]),
  ];
}

function hostOf(url: string): string {
  return new URL(url).host;
}
