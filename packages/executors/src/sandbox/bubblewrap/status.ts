import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";

const lineSchema = z.looseObject({ "child-pid": z.number().optional(), "exit-code": z.number().optional() });

/** What bubblewrap says of itself, apart from what the program writes. */
export interface Status {
  /** Pid of the first process inside, as the host sees it; null when the set-up failed. */
  readonly firstPid: Promise<number | null>;
  /** Exit code of the program; null when it has none: the set-up failed, or bubblewrap was killed. */
  readonly exitCode: Promise<number | null>;
}

/** Reads the lines of `--json-status-fd` to their end. */
export function readStatus(stream: Readable): Status {
  const first = Promise.withResolvers<number | null>();
  const exit = Promise.withResolvers<number | null>();
  const lines = createInterface({ input: stream });
  lines.on("line", (line) => {
    const { "child-pid": pid, "exit-code": code } = parse(line);
    if (pid !== undefined) first.resolve(pid);
    if (code !== undefined) exit.resolve(code);
  });
  lines.once("close", () => {
    first.resolve(null);
    exit.resolve(null);
  });
  return { firstPid: first.promise, exitCode: exit.promise };
}

function parse(line: string): z.infer<typeof lineSchema> {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return {};
  }
}
