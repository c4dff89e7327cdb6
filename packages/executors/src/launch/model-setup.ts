import type { ModelWireFormat } from "@millrace/kernel";
import { z } from "zod";
import { FORWARDED_FILES, forwarderArgv } from "../forwarder/forwarder-argv.js";

/**
 * How an agent reaches its model through the door of its job. `{url}` stands for the address of the model proxy without a path, `{token}` for
 * the token of the job, and `{model}` for the name of the model that the door leads to.
 */
export interface AgentModelSetup {
  /** API that the agent speaks. */
  readonly format: ModelWireFormat;
  /** `provider:model` for a task that is pinned to no model of that provider. */
  readonly model: string;
  /** Environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Configuration by its path below the agent's home; values are filled in between double quotes, as JSON and TOML have them. Default: none. */
  readonly files?: Readonly<Record<string, string>>;
}

const textsSchema = z.record(z.string(), z.string());

/** `AgentModelSetup` as stored. */
export const modelSetupSchema = z.strictObject({
  format: z.enum(["anthropic-messages", "openai-chat", "openai-responses"]),
  model: z.string().min(1),
  env: textsSchema,
  files: textsSchema,
});

/** Where a sandbox sees the folder of its door, and the port of the forwarder there: a sandbox has a loopback of its own. */
export const DOOR = { folder: "/run/millrace", socket: "/run/millrace/model.sock", port: 4891 } as const;

/** The `provider:model` of a door: what the task is pinned to, when that is of the agent's provider. */
export function doorModel(setup: Pick<AgentModelSetup, "model">, pinned: string | null): string {
  return (pinned === null ? null : pinOf(setup, pinned)) ?? setup.model;
}

/** The `provider:model` that a pin names; null for one of another provider than the agent's. */
export function pinOf(setup: Pick<AgentModelSetup, "model">, pinned: string): string | null {
  const provider = setup.model.slice(0, setup.model.indexOf(":"));
  const named = /^(?<provider>[^:/]+)[:/](?<name>.+)$/.exec(pinned)?.groups;
  if (named === undefined) return `${provider}:${pinned}`;
  return named["provider"] === provider ? `${provider}:${named["name"]}` : null;
}

/** A door that is open. */
export interface OpenedDoor {
  readonly token: string;
  /** `provider:model`. */
  readonly model: string;
}

/** The command line of an agent behind its forwarder, and the environment that leads it there. The files hold the token, so they are none on the host's disk. */
export function behindDoor(
  { env, files = {} }: Pick<AgentModelSetup, "env" | "files">,
  { token, model }: OpenedDoor,
  argv: readonly [string, ...string[]],
): { readonly argv: readonly [string, ...string[]]; readonly env: Readonly<Record<string, string>> } {
  const values = { url: `http://127.0.0.1:${DOOR.port}`, token, model: model.slice(model.indexOf(":") + 1) };
  const quoted = mapValues(values, (value) => JSON.stringify(value).slice(1, -1));
  return {
    argv: forwarderArgv({ socket: DOOR.socket, port: DOOR.port }, argv),
    env: {
      ...mapValues(env, (text) => fill(text, values)),
      [FORWARDED_FILES]: JSON.stringify(mapValues(files, (text) => fill(text, quoted))),
    },
  };
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(url|token|model)\}/g, (_, name: string) => values[name] ?? "");
}

function mapValues(texts: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, change(text)]));
}
