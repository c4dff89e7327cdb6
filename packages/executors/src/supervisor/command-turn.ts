import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TailBuffer } from "../commands/tail-buffer.js";
import type { ExitFile } from "../jobs/job-files.schema.js";
import { PROMPT_FILE } from "../launch/agent-launch.js";
import type { AgentProcess } from "./agent-process.js";

/** Bytes of output that are kept, from the end. */
const MAX_OUTPUT_BYTES = 200_000;

/** The command line of a plain command. Writes the prompt to a file first if the command reads it from there. */
export async function commandArgv(
  launch: { readonly argv: readonly string[]; readonly prompt: "stdin" | "file" },
  prompt: string,
  folder: string,
): Promise<readonly string[]> {
  if (launch.prompt === "stdin") return launch.argv;
  const path = join(folder, "prompt.md");
  // Made anew: what an earlier process left in its place is not written through.
  await rm(path, { force: true, recursive: true });
  await writeFile(path, prompt, { mode: 0o600, flag: "wx" });
  return launch.argv.map((arg) => arg.replaceAll(PROMPT_FILE, path));
}

/** Runs the turn of a plain command: `completed` with exit code 0, else `died`. Null as `prompt`: the command reads it from a file. */
export async function commandTurn(
  agent: AgentProcess,
  prompt: string | null,
  onOutput: (text: string) => void,
): Promise<{ readonly turn: ExitFile["turn"]; readonly text: string }> {
  const output = new TailBuffer(MAX_OUTPUT_BYTES);
  agent.stdout.on("data", (chunk: Buffer) => {
    output.append(chunk);
    onOutput(chunk.toString("utf8"));
  });
  const ended = new Promise<void>((resolve) => agent.stdout.once("end", resolve));
  agent.child.stdin.end(prompt ?? "");
  const exit = await agent.exited;
  await ended;
  return { turn: exit.code === 0 ? "completed" : "died", text: output.text().trim() };
}
