/** An agent without a model of its own, as a plain command: `calls-model.fixture.ts <mode>`. It calls the model that its environment leads it to. */
import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const [mode = ""] = process.argv.slice(2);
const PAUSE_MS = 50;

async function call(): Promise<{ readonly status: number; readonly text: string }> {
  const { MODEL_URL = "", MODEL_TOKEN = "" } = process.env;
  const answer = await fetch(`${MODEL_URL}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${MODEL_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "any", max_completion_tokens: 100, messages: [{ role: "user", content: "Hello" }] }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Calls until one is answered. */
async function callUntilAnswered(): Promise<string> {
  for (;;) {
    const answer = await call().catch(() => null);
    if (answer?.status === 200) return answer.text;
    await delay(PAUSE_MS);
  }
}

/** Calls until one is refused. */
async function callUntilRefused(): Promise<string> {
  for (let calls = 0; ; calls += 1) {
    const { status } = await call();
    if (status !== 200) return `${calls} calls, then ${status}`;
  }
}

const MODES: Readonly<Record<string, () => Promise<string>>> = {
  once: async () => JSON.stringify(await call()),
  twice: async () => (await callUntilAnswered()) + (await callUntilAnswered()),
  loops: callUntilRefused,
};

const said = (await MODES[mode]?.()) ?? "there is no such mode";
writeFileSync("said.txt", `${said}\n${Object.keys(process.env).toSorted().join(" ")}\n`);
console.log(said);
