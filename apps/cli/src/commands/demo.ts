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

async function demo({ io, output, settings, trusted }: Cradle, { folder, pipeline }: DemoCommandOptions): Promise<ExitCode> {
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
      output,
      signal: stop.signal,
    });
    if (stop.signal.aborted) return EXIT.interrupted;
    return code === 0 ? EXIT.fine : EXIT.runFailed;
  } finally {
    forget();
  }
}
