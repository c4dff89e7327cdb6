/** Agents of other people: what to install, how they are pointed at the scripted model, what they call their tools. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { knownAgents, type AcpLaunch } from "@millrace/executors";
import type { Tools } from "./model-script.ts";

export interface RealAgent {
  /** Name and exact version. */
  readonly package: string;
  /** Inside `node_modules`; null when it needs none. */
  readonly installScript: string | null;
  readonly tools: Tools;
  /** `folder` holds its installation; the home is private to every job. */
  launch(folder: string, modelUrl: string): AcpLaunch;
}

const hints = { installHint: "this script installs it", loginHint: "the scripted model needs no login" };

const opencode: RealAgent = {
  package: "opencode-ai@1.18.33",
  installScript: "opencode-ai/postinstall.mjs",
  tools: {
    write: (filePath, content) => ({ tool: "write", with: { filePath, content } }),
    read: (filePath) => ({ tool: "read", with: { filePath } }),
    edit: (filePath, oldString, newString) => ({ tool: "edit", with: { filePath, oldString, newString } }),
    shell: (command, description) => ({ tool: "bash", with: { command, description } }),
  },
  /** No updates, no list of models from elsewhere, and one provider: the endpoint. */
  launch(folder, modelUrl) {
    const config = join(folder, "opencode.json");
    const provider = {
      npm: "@ai-sdk/openai-compatible",
      name: "Scripted",
      options: { baseURL: `${modelUrl}/v1`, apiKey: "none" },
      models: { scripted: { name: "Scripted" } },
    };
    const model = "scripted/scripted";
    const settings = { model, small_model: model, autoupdate: false, share: "disabled", provider: { scripted: provider } };
    writeFileSync(config, JSON.stringify(settings));
    return {
      ...knownAgents.opencode,
      argv: [join(folder, "node_modules/.bin/opencode"), "acp"],
      env: { ...knownAgents.opencode.env, OPENCODE_CONFIG: config, OPENCODE_DISABLE_MODELS_FETCH: "1" },
      home: "private",
      ...hints,
    };
  },
};

const claude: RealAgent = {
  package: "@agentclientprotocol/claude-agent-acp@0.101.0",
  installScript: null,
  tools: {
    write: (file_path, content) => ({ tool: "Write", with: { file_path, content } }),
    read: (file_path) => ({ tool: "Read", with: { file_path } }),
    edit: (file_path, old_string, new_string) => ({ tool: "Edit", with: { file_path, old_string, new_string } }),
    shell: (command, description) => ({ tool: "Bash", with: { command, description } }),
  },
  launch: (folder, modelUrl) => ({
    ...knownAgents.claude,
    argv: [join(folder, "node_modules/.bin/claude-agent-acp")],
    // The agent refuses to work as root unless a setting says that it is in a sandbox.
    env: { ...knownAgents.claude.env, ANTHROPIC_BASE_URL: modelUrl, IS_SANDBOX: "1" },
    secrets: { ANTHROPIC_API_KEY: "none-needed" },
    home: "private",
    ...hints,
  }),
};

export const realAgents: ReadonlyMap<string, RealAgent> = new Map([
  ["opencode", opencode],
  ["claude", claude],
]);
