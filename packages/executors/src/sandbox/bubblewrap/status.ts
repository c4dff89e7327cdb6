import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";

const lineSchema = z.looseObject({ "exit-code": z.number() });

/**
 * Reads the lines of `--json-status-fd` to their end: the exit code of the program; null when it has none, because the set-up failed or
 * bubblewrap was killed.
 */
export async function readExitCode(stream: Readable): Promise<number | null> {
  let code: number | null = null;
  for await (const line of createInterface({ input: stream })) code = exitCodeOf(line) ?? code;
  return code;
}

function exitCodeOf(line: string): number | null {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data?.["exit-code"] ?? null;
  } catch {
    return null;
  }
}
