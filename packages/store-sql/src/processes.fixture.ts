import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { OnFinished } from "./temporary-folder.fixture.js";

/** A real process that runs `child-program.ts` on a database. */
export interface ChildProgram {
  /** Its next line; null after its last. */
  line(): Promise<string | null>;
  /** Lets it begin: every child waits for this after it said `ready`. */
  go(): void;
  /** SIGKILL, and waits until it is gone. Returns the lines it said before, unread ones first. */
  kill(): Promise<readonly string[]>;
}

/** Sources import each other as `.js`; Node runs them as they are when it is told to look for the `.ts`. */
const RESOLVE_SOURCES = `import { registerHooks } from "node:module";
registerHooks({ resolve(specifier, context, next) {
  const source = /^\\..*\\.js$/.test(specifier) && context.parentURL?.endsWith(".ts");
  return next(source ? specifier.replace(/\\.js$/, ".ts") : specifier, context);
} });`;

export function startProgram(task: string, file: string, name: string, onFinished: OnFinished): ChildProgram {
  const program = fileURLToPath(new URL("child-program.fixture.ts", import.meta.url));
  const hook = `data:text/javascript,${encodeURIComponent(RESOLVE_SOURCES)}`;
  const args = ["--conditions=millrace-source", "--no-warnings", "--import", hook, program, task, file, name];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], env: {} });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string | null> => {
    const next = await lines.next();
    return next.done === true ? null : next.value;
  };
  const kill = async (): Promise<readonly string[]> => {
    child.kill("SIGKILL");
    const rest: string[] = [];
    for (let next = await line(); next !== null; next = await line()) rest.push(next);
    await exited;
    return rest;
  };
  onFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  return { line, go: () => void child.stdin.end("go\n"), kill };
}
