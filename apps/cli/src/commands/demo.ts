import type { SandboxName } from "@millrace/executors";
import { isMillraceError } from "@millrace/kernel";
import type { SandboxChoice } from "../config/sandbox-choice.js";
import type { Output } from "../output/output.js";
import { sandboxLine } from "../views/sandbox-lines.logic.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Cradle } from "../wiring/container.js";
import { givenDatabase } from "../wiring/database.js";
import { addCommand, type Cli, type CommonOptions } from "./command.js";

interface DemoCommandOptions extends CommonOptions {
  readonly folder?: string;
  readonly pipeline?: string;
}

export function registerDemo({ program, execute }: Cli): void {
  addCommand(program, "demo", "watch a task become a merged commit, offline: real git, real agent processes, real checks")
    .option("--folder <folder>", "where to make it, or to go on with one that was killed (default: a new temporary folder)")
    .option("--pipeline <id>", "built-in pipeline to run (default: pl_reviewed)")
    .action((options: DemoCommandOptions) => execute(options, (app) => demo(app, options)));
}

/** The demo's agent is our own: where there is no sandbox it goes on without. */
async function sandboxOfDemo(sandbox: SandboxChoice, output: Output): Promise<SandboxName> {
  try {
    const { name, limits } = await sandbox.require();
    output.note(`sandbox: ${sandboxLine(name, limits)}`);
    return name;
  } catch (error) {
    if (!isMillraceError(error, "sandbox_unavailable")) throw error;
    output.note(`sandbox: none, which will do for the demo's own agent (${error.message}; ${error.fix ?? ""})`);
    return "none";
  }
}

async function demo({ io, output, settings, trusted, sandbox }: Cradle, { folder, pipeline }: DemoCommandOptions): Promise<ExitCode> {
  // Loaded on demand, so that other commands do not pay for it.
  const { runDemo } = await import("../demo/demo.js");
  const stop = new AbortController();
  const forget = io.onInterrupt(() => {
    if (stop.signal.aborted) io.exit(EXIT.interrupted);
    stop.abort();
  });
  try {
    const code = await runDemo({
      ...(folder === undefined ? {} : { folder }),
      ...(pipeline === undefined ? {} : { pipeline }),
      database: givenDatabase({ option: settings.database, env: io.env }),
      trusted,
      sandbox: await sandboxOfDemo(sandbox, output),
      output,
      signal: stop.signal,
    });
    if (stop.signal.aborted) return EXIT.interrupted;
    return code === 0 ? EXIT.fine : EXIT.runFailed;
  } finally {
    forget();
  }
}
