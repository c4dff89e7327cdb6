import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { ReadStream, WriteStream } from "node:tty";

/** The controlling terminal of this process, whatever its standard streams are. */
export interface Terminal {
  write(text: string): void;
  /** Prints the question and reads one line. Empty when the terminal goes away. */
  ask(question: string): Promise<string>;
  close(): void;
}

const CONTROLLING_TERMINAL = "/dev/tty";

/** Null for a process without a controlling terminal: a service, a job, a process of a sandbox; and on Windows. */
export function openTerminal(): Terminal | null {
  const descriptors = opened();
  if (descriptors === null) return null;
  const input = new ReadStream(descriptors.input);
  const output = new WriteStream(descriptors.output);
  return {
    write: (text) => void output.write(text),
    async ask(question) {
      const lines = createInterface({ input, output, terminal: false });
      try {
        const gone = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
        return await Promise.race([lines.question(question), gone]);
      } finally {
        lines.close();
      }
    },
    close() {
      input.destroy();
      output.destroy();
    },
  };
}

function opened(): { readonly input: number; readonly output: number } | null {
  let input: number | null = null;
  try {
    input = openSync(CONTROLLING_TERMINAL, "r");
    return { input, output: openSync(CONTROLLING_TERMINAL, "w") };
  } catch {
    if (input !== null) closeSync(input);
    return null;
  }
}
