import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxedProcess } from "@millrace/kernel";
import { TailBuffer } from "../commands/tail-buffer.js";
import type { ExitFile } from "../jobs/job-files.schema.js";
import { PROMPT_FILE } from "../launch/agent-launch.js";
import { forEachChunk, writeAll } from "../sandbox/streams.js";

/** Bytes of output that are kept, from the end. */
const MAX_OUTPUT_BYTES = 200_000;

/** A command line, and the files that it names and its launch did not. */
export interface PromptedCommand {
  readonly argv: readonly [string, ...string[]];
  readonly files: readonly string[];
}

/** The command line of a plain command. Writes the prompt to a file first if the command reads it from there. */
export async function commandLine(
  { argv, prompt: how }: { readonly argv: readonly [string, ...string[]]; readonly prompt: "stdin" | "file" },
  prompt: string,
  folder: string,
): Promise<PromptedCommand> {
  if (how === "stdin") return { argv, files: [] };
  const path = join(folder, "prompt.md");
  // Made anew: what an earlier process left in its place is not written through.
  await rm(path, { force: true, recursive: true });
  // Readable for the user of a sandbox; the folder of the job is closed to others.
  await writeFile(path, prompt, { mode: 0o644, flag: "wx" });
  const [program, ...args] = argv;
  return { argv: [program, ...args.map((arg) => arg.replaceAll(PROMPT_FILE, path))], files: [path] };
}

/** Runs the turn of a plain command: `completed` with exit code 0, else `died`. Null as `prompt`: the command reads it from a file. */
export async function commandTurn(
  agent: SandboxedProcess,
  prompt: string | null,
  onOutput: (text: string) => void,
): Promise<{ readonly turn: ExitFile["turn"]; readonly text: string }> {
  const output = new TailBuffer(MAX_OUTPUT_BYTES);
  const read = forEachChunk(agent.stdout, (chunk) => {
    output.append(chunk);
    onOutput(new TextDecoder().decode(chunk));
  });
  void writeAll(agent.stdin, prompt ?? "");
  const exit = await agent.exited;
  await read;
  return { turn: exit.code === 0 ? "completed" : "died", text: output.text().trim() };
}
