/** Agents of other people: what to install, and what they call their tools. How they reach their model is `knownAgents`' affair. */
import { join } from "node:path";
import { knownAgents, type AcpLaunch } from "@millrace/executors";
import type { ModelWireFormat } from "@millrace/kernel";
import type { Tools } from "./model-script.ts";

export interface RealAgent {
  /** Name and exact version. */
  readonly package: string;
  /** Inside `node_modules`; null when it needs none. */
  readonly installScript: string | null;
  readonly tools: Tools;
  /** Its model's provider, played by the script. */
  readonly provider: { readonly name: string; readonly formats: readonly ModelWireFormat[] };
  /** `folder` holds its installation. */
  launch(folder: string): AcpLaunch;
}

const hints = { installHint: "this script installs it", loginHint: "the scripted model needs no login" };
const programOf = (folder: string, name: string): string => join(folder, "node_modules/.bin", name);

const REPLACE =
  "const [file, before, after] = process.argv.slice(1); const fs = require('fs'); fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(before, after));";

/** For an agent that does everything by its shell. */
function byShell(shell: Tools["shell"]): Tools {
  return {
    write: (file, content) => shell(`printf %s ${quoted(content)} > ${file}`, "Writes a file"),
    read: (file) => shell(`cat ${file}`, "Reads a file"),
    edit: (file, before, after) => shell(`node -e ${quoted(REPLACE)} ${file} ${quoted(before)} ${quoted(after)}`, "Changes a file"),
    shell,
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

const opencode: RealAgent = {
  package: "opencode-ai@1.18.33",
  installScript: "opencode-ai/postinstall.mjs",
  provider: { name: "openai", formats: ["openai-chat"] },
  // For this model it has no tools to write, but patches.
  tools: byShell((command, description) => ({ tool: "bash", with: { command, description } })),
  launch: (folder) => ({ ...knownAgents.opencode, argv: [programOf(folder, "opencode"), "acp"], ...hints }),
};

const claude: RealAgent = {
  package: "@agentclientprotocol/claude-agent-acp@0.101.0",
  installScript: null,
  provider: { name: "anthropic", formats: ["anthropic-messages"] },
  tools: {
    write: (file_path, content) => ({ tool: "Write", with: { file_path, content } }),
    read: (file_path) => ({ tool: "Read", with: { file_path } }),
    edit: (file_path, old_string, new_string) => ({ tool: "Edit", with: { file_path, old_string, new_string } }),
    shell: (command, description) => ({ tool: "Bash", with: { command, description } }),
  },
  launch: (folder) => ({ ...knownAgents.claude, argv: [programOf(folder, "claude-agent-acp")], ...hints }),
};

const codex: RealAgent = {
  package: "@agentclientprotocol/codex-acp@2.6.0",
  installScript: null,
  provider: { name: "openai", formats: ["openai-responses"] },
  tools: byShell((cmd) => ({ tool: "exec_command", with: { cmd } })),
  launch: (folder) => ({ ...knownAgents.codex, argv: [programOf(folder, "codex-acp")], ...hints }),
};

export const realAgents: ReadonlyMap<string, RealAgent> = new Map([
  ["opencode", opencode],
  ["claude", claude],
  ["codex", codex],
]);
