import { MillraceError, type ModelGrant, type ModelWireFormat } from "@millrace/kernel";

/** A provider of models that the proxy may call. */
export interface ModelProvider {
  /** First part of the models that it serves: `anthropic` of `anthropic:claude-sonnet-4-5`. */
  readonly name: string;
  /** APIs that it speaks. */
  readonly formats: readonly ModelWireFormat[];
  /** Address of its API, `/v1` included: https, or http to loopback. */
  readonly baseUrl: string;
  /** The key for a call; asked for each one, never kept and never logged. An error refuses the call. */
  key(grant: ModelGrant): Promise<string>;
}

/** The two halves of `provider:model`. */
export interface ServedModel {
  readonly provider: ModelProvider;
  readonly name: string;
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** @throws MillraceError `config_invalid` for an address that a key must not be sent to. */
export function assertProvider({ name, baseUrl, formats }: ModelProvider): void {
  const url = URL.parse(baseUrl);
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
  const isPlain = url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!isSafe || !isPlain)
    throw new MillraceError("config_invalid", `the address of the model provider '${name}' is not usable`, {
      fix: "give an https address without user, query or fragment, such as https://api.anthropic.com/v1; http reaches loopback only",
      details: { provider: name },
    });
  if (formats.length === 0)
    throw new MillraceError("config_invalid", `the model provider '${name}' speaks no API`, {
      fix: "name at least one of anthropic-messages, openai-chat, openai-responses",
      details: { provider: name },
    });
}

/** @throws MillraceError `model_missing` when none of the providers serves it. */
export function servedModel(providers: readonly ModelProvider[], model: string): ServedModel {
  const [, prefix, name] = /^(?<prefix>[^:]+):(?<name>.+)$/.exec(model) ?? [];
  const provider = providers.find((one) => one.name === prefix);
  if (provider === undefined || name === undefined)
    throw new MillraceError("model_missing", `no provider of the model proxy serves '${model}'`, {
      fix: "name the model as provider:model, and set that provider up with its key",
      details: { model, providers: providers.map((one) => one.name) },
    });
  return { provider, name };
}
