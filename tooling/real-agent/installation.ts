/** The agent and a model endpoint, installed into a folder of their own: neither is a dependency of this repository. */
import { execFileSync, type ExecFileSyncOptions } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { RealAgent } from "./agents.ts";
import { answerTo, listingOf, type ModelAnswer, type ModelRequest, type Tools } from "./model-script.ts";

const MODEL_PACKAGE = "@copilotkit/aimock@1.43.0";
const INSTALL_MS = 300_000;

/** Installs both; of the install scripts only the agent's own is run, if it needs one. */
export function install(folder: string, agent: RealAgent): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "real-agent", private: true }));
  const options: ExecFileSyncOptions = { cwd: folder, stdio: ["ignore", "ignore", "pipe"], timeout: INSTALL_MS };
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"];
  execFileSync("npm", ["install", ...flags, agent.package, MODEL_PACKAGE], options);
  if (agent.installScript !== null) execFileSync(process.execPath, [join(folder, "node_modules", agent.installScript)], options);
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
  /** What an agent saw when it looked around; null before. */
  listing(): string | null;
}

/** A third party's server, so that neither end of the model's protocol is ours. Loopback only, a free port. */
export async function startModel(folder: string, tools: Tools): Promise<ModelEndpoint> {
  const entry = pathToFileURL(join(folder, "node_modules/@copilotkit/aimock/dist/index.js")).href;
  const { LLMock }: { readonly LLMock: new (options: { port: number; host: string }) => MockServer } = await import(entry);
  const server = new LLMock({ port: 0, host: "127.0.0.1" });
  let requests = 0;
  let listing: string | null = null;
  server.on({ predicate: () => true }, (request) => {
    requests += 1;
    listing = listingOf(request) ?? listing;
    return answerTo(request, tools);
  });
  const url = await server.start();
  return { url, requests: () => requests, listing: () => listing, [Symbol.asyncDispose]: () => server.stop() };
}
