/** Settings whose home is `.millrace/config.json`: what belongs to this machine. */
import { parseAgentOption } from "@millrace/executors";
import { MillraceError, notFound } from "@millrace/kernel";
import { z } from "zod";
import { authorSchema, configSchema, gitHubSchema, type Config, type GitHubConfig } from "../config.schema.js";
import { boardOf, pipelinesOf } from "../../board/find.js";
import { changeConfig } from "../write-config.js";
import { NONE, oneText, valueOf, type ConfigKey } from "./config-key.js";

/** The file is read when a command starts. */
const RESTART = "workers that are up read it when they are started again";

const agentKey: ConfigKey = {
  key: "agent",
  about: "the coding agent of this board",
  values: `claude, codex, gemini, opencode, the command line of an agent, or ${NONE}`,
  read: ({ config }) => config.agent,
  show: ({ config }) => config.agent ?? NONE,
  async write({ project, trusted }, _state, words) {
    const text = valueOf(agentKey, z.string().min(1, "it is empty"), oneText(words));
    if (text !== NONE) parseAgentOption(text);
    const config = await changeConfig(project, { agent: text === NONE ? null : text });
    // The person who chooses an agent means the key of its provider as well.
    trusted.add({ folder: project.folder, config });
  },
};

const pipelineKey: ConfigKey = {
  key: "pipeline",
  about: "pipeline of tasks that name none",
  values: "the id of a pipeline; see: millrace pipelines",
  read: ({ config }) => config.pipeline,
  show: ({ config }) => config.pipeline,
  async write(app, _state, words) {
    const pipeline = valueOf(pipelineKey, configSchema.shape.pipeline, oneText(words));
    const pipelines = await pipelinesOf(await boardOf(app));
    if (!pipelines.some(({ id }) => id === pipeline)) throw notFound("pipeline", pipeline, "list them with: millrace pipelines");
    await changeConfig(app.project, { pipeline });
  },
};

const inlineKey: ConfigKey = {
  key: "inline",
  about: "a model behind an API for the kinds that need no repository",
  values: `{"provider":"anthropic","model":"...","apiKeyEnv":"ANTHROPIC_API_KEY"}, or ${NONE}`,
  read: ({ config }) => config.inline ?? null,
  show: ({ config }) => (config.inline == null ? NONE : JSON.stringify(config.inline)),
  async write({ project }, _state, words) {
    await changeConfig(project, { inline: valueOf(inlineKey, configSchema.shape.inline, jsonOf(oneText(words))) ?? null });
  },
};

/** The parsed text; the text itself, which no schema takes for an object, when it is no JSON. */
function jsonOf(text: string): unknown {
  if (text === NONE) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const flagSchema = z.enum(["true", "false"]).transform((text) => text === "true");

const squashKey: ConfigKey = {
  key: "merge.squash",
  about: "whether a change lands as one commit",
  values: "true or false",
  read: ({ config }) => config.repository.mergeMethod === "squash",
  show: ({ config }) => String(config.repository.mergeMethod === "squash"),
  async write({ project, output }, { config: { repository } }, words) {
    const squashes = valueOf(squashKey, flagSchema, oneText(words));
    await changeConfig(project, { repository: { ...repository, mergeMethod: squashes ? "squash" : "merge" } });
    output.note(RESTART);
  },
};

const authorKey: ConfigKey = {
  key: "commit.author",
  about: "author of the commits of this board",
  values: `"Name <mail@host>", or ${NONE} for Millrace`,
  read: ({ config }) => config.commit?.author ?? null,
  show: ({ config }) => config.commit?.author ?? NONE,
  async write({ project, output }, { config: { commit } }, words) {
    const text = oneText(words);
    const author = text === NONE ? null : valueOf(authorKey, authorSchema, text);
    await changeConfig(project, { commit: { signoff: false, ...commit, author } });
    output.note(RESTART);
  },
};

const signoffKey: ConfigKey = {
  key: "commit.signoff",
  about: "whether the author signs off the commits that Millrace makes",
  values: "true or false",
  read: ({ config }) => config.commit?.signoff ?? false,
  show: ({ config }) => String(config.commit?.signoff ?? false),
  async write({ project, output }, { config: { commit } }, words) {
    const signoff = valueOf(signoffKey, flagSchema, oneText(words));
    await changeConfig(project, { commit: { author: null, ...commit, signoff } });
    output.note(RESTART);
  },
};

function gitHubKey(name: string, field: keyof GitHubConfig, about: string, values: string): ConfigKey {
  const key = { key: `github.${name}`, about, values, rare: true };
  return {
    ...key,
    read: ({ config }) => config.repository.github?.[field] ?? null,
    show: ({ config }) => String(config.repository.github?.[field] ?? NONE),
    async write({ project }, { config: { repository } }, words) {
      const text = oneText(words);
      const value = valueOf(key, gitHubSchema.shape[field] as z.ZodType<string | number>, field === "pollMs" ? Number(text) : text);
      await changeConfig(project, { repository: { ...repository, github: { ...gitHubOf(repository), [field]: value } } });
    },
  };
}

function gitHubOf({ github }: Config["repository"]): GitHubConfig {
  if (github !== undefined) return github;
  throw new MillraceError("validation", "this board is not on GitHub", { fix: "make one that is with: millrace init --github owner/name" });
}

export const fileKeys: readonly ConfigKey[] = [
  agentKey,
  pipelineKey,
  inlineKey,
  authorKey,
  signoffKey,
  squashKey,
  gitHubKey("token-env", "tokenEnv", "environment variable with the token for GitHub", "the name of a variable, not the token"),
  gitHubKey("poll-ms", "pollMs", "how often gates look at GitHub, in ms", "whole milliseconds, 1000 to 3600000"),
];
