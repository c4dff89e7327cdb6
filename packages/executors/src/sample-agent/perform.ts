import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ToolKind } from "@agentclientprotocol/sdk";
import { LONGEST_TIMER_MS } from "@millrace/kernel";
import { insidePath } from "../supervisor/path-guard.js";
import type { SampleAction } from "./script.schema.js";

export interface PerformOptions {
  /** Folder that paths are relative to and must stay inside. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** True when the client allows the tool call. */
  requestPermission(request: { readonly title: string; readonly kind: ToolKind; readonly paths: readonly string[] }): Promise<boolean>;
}

/** Performs one action. False when permission was refused. */
export async function perform(action: SampleAction, options: PerformOptions): Promise<boolean> {
  if ("ask" in action) return options.requestPermission(action.ask);
  if ("wait" in action) await delay(Math.min(action.wait, LONGEST_TIMER_MS), undefined, { signal: options.signal }).catch(() => {});
  else if ("run" in action) await runProgram(action.run.argv, options);
  else await edit(action, options.cwd);
  return true;
}

async function edit(
  action: Extract<SampleAction, { write: unknown } | { replace: unknown } | { remove: unknown }>,
  cwd: string,
): Promise<void> {
  if ("remove" in action) return rm(await insidePath(cwd, action.remove.path));
  const path = await insidePath(cwd, "write" in action ? action.write.path : action.replace.path);
  if ("write" in action) {
    await mkdir(dirname(path), { recursive: true });
    return writeFile(path, action.write.text);
  }
  const { find, with: replacement } = action.replace;
  const text = await readFile(path, "utf8");
  if (!text.includes(find)) throw new Error(`'${action.replace.path}' does not contain '${find}'`);
  return writeFile(
    path,
    text.replace(find, () => replacement),
  );
}

function runProgram([program, ...args]: readonly [string, ...string[]], options: PerformOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // stdout belongs to the protocol; what the program prints goes to stderr.
    const child = spawn(program, args, { cwd: options.cwd, stdio: ["ignore", 2, 2], signal: options.signal });
    child.once("error", (error) => (options.signal.aborted ? resolve() : reject(error)));
    child.once("exit", (code) => (code === 0 || options.signal.aborted ? resolve() : reject(new Error(`'${program}' left with ${code}`))));
  });
}
