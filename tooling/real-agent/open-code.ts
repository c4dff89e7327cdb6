/** OpenCode and a model endpoint, installed into a folder of their own: neither is a dependency of this repository. */
import { execFileSync, type ExecFileSyncOptions } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AcpLaunch } from "@millrace/executors";
import { answerTo, type ModelAnswer, type ModelRequest } from "./model-script.ts";

const PACKAGES = ["opencode-ai@1.18.33", "@copilotkit/aimock@1.43.0"] as const;
const INSTALL_MS = 300_000;

/** Installs both; only the agent's own install script is run. */
export function install(folder: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "real-agent", private: true }));
  const options: ExecFileSyncOptions = { cwd: folder, stdio: ["ignore", "ignore", "pipe"], timeout: INSTALL_MS };
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", ...PACKAGES], options);
  execFileSync(process.execPath, [join(folder, "node_modules/opencode-ai/postinstall.mjs")], options);
}

interface MockServer {
  on(match: { readonly predicate: () => boolean }, answer: (request: ModelRequest) => ModelAnswer): unknown;
  start(): Promise<string>;
  stop(): Promise<void>;
}

export interface ModelEndpoint extends AsyncDisposable {
  readonly url: string;
  /** Requests answered so far. */
  requests(): number;
}

/** A third party's server, so that both ends of the model's protocol are somebody else's. Loopback only, a free port. */
export async function startModel(folder: string): Promise<ModelEndpoint> {
  const entry = pathToFileURL(join(folder, "node_modules/@copilotkit/aimock/dist/index.js")).href;
  const { LLMock }: { readonly LLMock: new (options: { port: number; host: string }) => MockServer } = await import(entry);
  const server = new LLMock({ port: 0, host: "127.0.0.1" });
  let requests = 0;
  server.on({ predicate: () => true }, (request) => {
    requests += 1;
    return answerTo(request);
  });
  const url = await server.start();
  return { url, requests: () => requests, [Symbol.asyncDispose]: () => server.stop() };
}

/** A private home, no updates, no list of models from elsewhere, and one provider: the endpoint. */
export function launchOf(folder: string, modelUrl: string): AcpLaunch {
  const config = join(folder, "opencode.json");
  const provider = {
    npm: "@ai-sdk/openai-compatible",
    name: "Scripted",
    options: { baseURL: `${modelUrl}/v1`, apiKey: "none" },
    models: { scripted: { name: "Scripted" } },
  };
  const model = "scripted/scripted";
  writeFileSync(
    config,
    JSON.stringify({ model, small_model: model, autoupdate: false, share: "disabled", provider: { scripted: provider } }),
  );
  return {
    via: "acp",
    name: "opencode",
    argv: [join(folder, "node_modules/.bin/opencode"), "acp"],
    env: { OPENCODE_CONFIG: config, OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_AUTOUPDATE: "1" },
    home: "private",
    installHint: "this script installs it",
    loginHint: "the scripted model needs no login",
  };
}
