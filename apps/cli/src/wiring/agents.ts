import { createInlineExecutor, createModel, parseAgentOption, type AgentLaunch } from "@millrace/executors";
import { MillraceError, type AgentExecutor } from "@millrace/kernel";
import { inlineProviders, type Config } from "../config/config.schema.js";
import type { HostForge } from "@millrace/runtime-host";
import type { Project } from "../config/find-project.js";
import type { Io } from "../io.js";
import { commitStyle, withAuthor } from "./commit-style.js";
import { boardWorktrees } from "./worktrees.js";

/** The coding agent, and the model that answers inline kinds where one is configured. */
export interface Agents {
  /** Null when none is chosen. */
  readonly launch: AgentLaunch | null;
  readonly inline: AgentExecutor | null;
  /**
   * The chosen agent.
   *
   * @throws MillraceError `config_invalid` when none is chosen, or the inline model's key is not in the environment.
   */
  require(): AgentLaunch;
}

/** Most characters of a diff that a model behind an API is given. */
const DIFF_CHARS = 60_000;

/**
 * The agents of a board; `override` is an agent given on the command line.
 *
 * @throws MillraceError `config_invalid` for an agent that cannot be parsed.
 */
export function createAgents(
  project: Project,
  env: Io["env"],
  override: string | null,
  /** Source of clones; null: the board's own repository. */
  remote: Pick<HostForge, "remoteUrl"> | null = null,
): Agents {
  const chosen = override ?? project.config.agent;
  const launch = chosen === null ? null : withAuthor(parseAgentOption(chosen), commitStyle(project.config));
  const { inline } = project.config;
  return {
    launch,
    inline: inline == null ? null : inlineExecutor(project, inline, env, remote),
    require() {
      if (inline != null) keyOf(inline, env);
      if (launch !== null) return launch;
      throw new MillraceError("config_invalid", "no coding agent is chosen", {
        fix: `give one with --agent (claude, codex, gemini, opencode, or a command line), or set "agent" in ${project.paths.config}`,
      });
    },
  };
}

type InlineConfig = NonNullable<Config["inline"]>;

function inlineExecutor(
  project: Project,
  inline: InlineConfig,
  env: Io["env"],
  remote: Pick<HostForge, "remoteUrl"> | null,
): AgentExecutor {
  const worktrees = boardWorktrees(project, remote);
  const { provider, model, baseUrl } = inline;
  return createInlineExecutor({
    modelFor(_kind, pinned) {
      const name = pinned === null ? model : modelOf(provider, pinned);
      if (name === null) return null;
      return createModel({ provider, model: name, apiKey: keyOf(inline, env), ...(baseUrl === undefined ? {} : { baseUrl }) });
    },
    diffOf: async ({ repository, pullRequest }) =>
      repository === null || pullRequest === null ? null : worktrees.diff({ repository, branch: pullRequest.branch, maxChars: DIFF_CHARS }),
  });
}

/** Name of a pinned model at the configured provider; null for a model of another provider. A name without a provider belongs to the configured one. */
function modelOf(provider: InlineConfig["provider"], pinned: string): string | null {
  const known = inlineProviders.find((name) => pinned.startsWith(`${name}:`));
  if (known === undefined) return pinned;
  return known === provider ? pinned.slice(known.length + 1) : null;
}

function keyOf(inline: InlineConfig, env: Io["env"]): string {
  const key = env[inline.apiKeyEnv] ?? "";
  if (key !== "") return key;
  throw new MillraceError(
    "config_invalid",
    `the environment variable '${inline.apiKeyEnv}' with the key of ${inline.provider} is not set`,
    {
      fix: `set it, or remove "inline" from the configuration so that the coding agent answers for it`,
    },
  );
}
