/** A process of its own with the real local driver: what its memory, its processor time and its death are measured on. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { MillraceError } from "@millrace/kernel";

export interface Child {
  /**
   * Waits for a line that begins with `word`, and returns what follows.
   * @throws MillraceError when the child ends before.
   */
  until(word: string): Promise<string>;
  /** Lets it go on: it waits for this where its program says so. */
  go(): void;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Waits until it has ended by itself. */
  ended(): Promise<void>;
}

/** Longest life of a child: a benchmark that hangs ends by itself. */
const MAX_MS = 15 * 60_000;

/** Sources import each other as `.js`; Node runs them as they are when it is told to look for the `.ts`. */
const RESOLVE_SOURCES = `import { registerHooks } from "node:module";
registerHooks({ resolve(specifier, context, next) {
  const source = /^\\..*\\.js$/.test(specifier) && context.parentURL?.endsWith(".ts");
  return next(source ? specifier.replace(/\\.js$/, ".ts") : specifier, context);
} });`;

export function startChild(resources: AsyncDisposableStack, fromSources: boolean | undefined, args: readonly string[]): Child {
  const hook = `data:text/javascript,${encodeURIComponent(RESOLVE_SOURCES)}`;
  const sources = fromSources === true ? ["--conditions=millrace-source", "--import", hook] : [];
  const program = fileURLToPath(new URL("child-program.ts", import.meta.url));
  const child = spawn(process.execPath, ["--no-warnings", "--expose-gc", ...sources, program, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    timeout: MAX_MS,
    killSignal: "SIGKILL",
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = async (): Promise<void> => void (await exited);
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  resources.defer(kill);
  return {
    async until(word) {
      for (let next = await lines.next(); next.done !== true; next = await lines.next())
        if (next.value.startsWith(word)) return next.value.slice(word.length).trim();
      throw new MillraceError("internal", `the child '${args.join(" ")}' ended before it said '${word}': nothing was measured`);
    },
    go: () => void child.stdin.end("go\n"),
    kill,
    ended,
  };
}
