/**
 * The coding agent of a fleet with real jobs: `node agent.ts <ledger> <slowness>`. It speaks the Agent Client Protocol by hand, so that it starts
 * quickly, and writes each thing that it does to the ledger before it does it. Its ledger is no file of Millrace.
 */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { BROKEN, costOf, fileOf, isRed, workMsOf } from "./agent.logic.js";

const [ledger = "", slowness = "1"] = process.argv.slice(2);
const key = process.env["MILLRACE_JOB_KEY"] ?? "";
const kind = process.env["MILLRACE_AGENT_KIND"] ?? "";
const micros = costOf(key);

const note = (did: "begin" | "spend" | "work" | "end"): void => appendFileSync(ledger, `${JSON.stringify({ did, key, kind, micros })}\n`);
const send = (message: object): void => void process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const tell = (update: object): void => send({ method: "session/update", params: { sessionId: "s", update } });

function write(text: string): void {
  mkdirSync("work", { recursive: true });
  writeFileSync(fileOf(key), `${text}\n`);
}

/** Also what an earlier run of the task left red on its branch. */
function repair(): void {
  write(key);
  for (const path of readdirSync("work").map((name) => `work/${name}`))
    if (readFileSync(path, "utf8").startsWith(BROKEN)) writeFileSync(path, `${key}\n`);
}

const TURNS: Readonly<Record<string, () => string>> = {
  coder() {
    write(isRed(key) ? `${BROKEN} ${key}` : key);
    return "done";
  },
  "ci-fixer"() {
    repair();
    return "repaired";
  },
  merger: () => JSON.stringify({ complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "one file" }),
};

async function prompt(id: unknown): Promise<void> {
  note("begin");
  note("spend");
  tell({ sessionUpdate: "usage_update", used: 10, size: 1000, cost: { amount: micros / 1e6, currency: "USD" } });
  await new Promise((resolve) => setTimeout(resolve, workMsOf(key) + 2500 * (Number(slowness) - 1)));
  note("work");
  const text = TURNS[kind]?.();
  if (text === undefined) return send({ id, error: { code: -32603, message: `the fleet's agent is no '${kind}'` } });
  tell({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
  note("end");
  send({ id, result: { stopReason: "end_turn" } });
}

function answer({ id, method }: { readonly id?: unknown; readonly method?: unknown }): void {
  if (method === "initialize")
    send({ id, result: { protocolVersion: 1, agentCapabilities: {}, agentInfo: { name: "fleet", version: "1" } } });
  else if (method === "session/new") send({ id, result: { sessionId: "s" } });
  else if (method === "session/prompt") void prompt(id);
}

createInterface({ input: process.stdin }).on("line", (line) => answer(JSON.parse(line)));
