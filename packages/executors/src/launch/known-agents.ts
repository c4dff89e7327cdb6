import { MillraceError } from "@millrace/kernel";
import { entryArgv, entryFolder } from "../entry.js";
import { PROMPT_FILE, type AcpLaunch, type AgentLaunch } from "./agent-launch.js";

/** Longest answer that agents ask of a model: each call reserves all of it first, so that their own 32,000 to 64,000 would leave a job few calls. */
const OUTPUT_TOKENS = 16_000;
/** What every model of today takes in, for an agent that does not know the model. */
const CONTEXT_TOKENS = 200_000;

/** Launches of agents that are known to work, by the name that `parseAgentOption` takes. Their programs are found on PATH. */
export const knownAgents = {
  claude: {
    via: "acp",
    name: "claude",
    argv: ["claude-agent-acp"],
    env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1" },
    home: "user",
    model: {
      format: "anthropic-messages",
      model: "anthropic:claude-sonnet-5",
      env: {
        ANTHROPIC_BASE_URL: "{url}",
        ANTHROPIC_AUTH_TOKEN: "{token}",
        ANTHROPIC_MODEL: "{model}",
        CLAUDE_CODE_MAX_OUTPUT_TOKENS: `${OUTPUT_TOKENS}`,
      },
    },
    mode: "default",
    installHint: "npm install -g @anthropic-ai/claude-code @agentclientprotocol/claude-agent-acp",
    loginHint: "run 'claude' once and log in",
  },
  codex: {
    via: "acp",
    name: "codex",
    argv: ["codex-acp"],
    home: "user",
    model: {
      format: "openai-responses",
      model: "openai:gpt-5.4",
      env: { MILLRACE_MODEL_TOKEN: "{token}" },
      // Its provider `openai` cannot be led elsewhere, so that it gets one of its own.
      files: {
        ".codex/config.toml": `model = "{model}"
model_provider = "millrace"

[model_providers.millrace]
name = "Millrace"
base_url = "{url}/v1"
env_key = "MILLRACE_MODEL_TOKEN"
wire_api = "responses"
`,
      },
    },
    mode: "agent-full-access",
    installHint: "npm install -g @openai/codex @agentclientprotocol/codex-acp",
    loginHint: "run 'codex login'",
  },
  // It speaks an API that no door has: in a sandbox it is refused.
  gemini: {
    via: "acp",
    name: "gemini",
    argv: ["gemini", "--acp"],
    home: "user",
    installHint: "npm install -g @google/gemini-cli",
    loginHint: "run 'gemini' once and log in",
  },
  opencode: {
    via: "acp",
    name: "opencode",
    argv: ["opencode", "acp"],
    env: { OPENCODE_DISABLE_AUTOUPDATE: "1" },
    home: "user",
    model: {
      format: "openai-chat",
      model: "openai:gpt-5.4",
      env: { OPENCODE_DISABLE_MODELS_FETCH: "1" },
      files: {
        ".config/opencode/opencode.json": JSON.stringify({
          model: "millrace/{model}",
          small_model: "millrace/{model}",
          autoupdate: false,
          share: "disabled",
          provider: {
            millrace: {
              npm: "@ai-sdk/openai-compatible",
              name: "Millrace",
              options: { baseURL: "{url}/v1", apiKey: "{token}" },
              models: { "{model}": { name: "{model}", limit: { context: CONTEXT_TOKENS, output: OUTPUT_TOKENS } } },
            },
          },
        }),
      },
    },
    installHint: "npm install -g opencode-ai",
    loginHint: "run 'opencode auth login'",
  },
} as const satisfies Readonly<Record<string, AcpLaunch>>;

/** First word of the command line of the sample agent; the second one is its script. */
const SAMPLE = "sample";

/**
 * Parses the name of a known agent, `sample <script>`, or the command line of an agent that speaks ACP (`my-agent --acp`). A command line with
 * `{prompt_file}` is a plain command. Words are split at blanks; single and double quotes keep blanks.
 *
 * @throws MillraceError `config_invalid` with the known names, for an empty text or an unclosed quote.
 */
export function parseAgentOption(text: string): AgentLaunch {
  const name = text.trim();
  if (Object.hasOwn(knownAgents, name)) return knownAgents[name as keyof typeof knownAgents];
  const argv = splitWords(name);
  const [program, ...args] = argv ?? [];
  if (program === SAMPLE && args[0] !== undefined && args.length === 1) return sampleAgentLaunch({ script: args[0] });
  if (program === undefined || program === "") {
    throw new MillraceError("config_invalid", `'${text}' is neither a known agent nor a command line`, {
      fix: `use one of ${Object.keys(knownAgents).join(", ")}, or a command line of an agent that speaks ACP`,
    });
  }
  const common = {
    name: program.slice(program.lastIndexOf("/") + 1),
    argv: [program, ...args] as const,
    installHint: `install '${program}' or give its full path`,
  };
  if (args.some((arg) => arg.includes(PROMPT_FILE))) return { via: "command", prompt: "file", ...common };
  return { via: "acp", loginHint: `log in with '${program}' first`, ...common };
}

function splitWords(text: string): readonly string[] | null {
  const words: string[] = [];
  const pattern = /\s*((?:[^\s"']+|"[^"]*"|'[^']*')+)\s*/gy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    words.push(
      (match[1] ?? "").replace(
        /"([^"]*)"|'([^']*)'/g,
        (_, double: string | undefined, single: string | undefined) => double ?? single ?? "",
      ),
    );
    if (pattern.lastIndex === text.length) return words;
  }
  return null;
}

/**
 * Launch of the sample agent, an offline substitute for a coding agent: a real process that speaks real ACP and edits files as the JSON
 * script at the path `script` says (`sampleScriptSchema`).
 */
export function sampleAgentLaunch(options: { readonly script: string }): AcpLaunch {
  return {
    via: "acp",
    name: SAMPLE,
    argv: [...entryArgv("sample-agent"), options.script],
    visible: [entryFolder()],
    installHint: "it is part of @millrace/executors; build the package",
    loginHint: "it needs no login",
  };
}
