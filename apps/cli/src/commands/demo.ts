import { runDemo } from "../demo/demo.js";
import { EXIT } from "../exit-codes.js";
import { addCommand, type Cli, type CommonOptions } from "./command.js";

export function registerDemo({ program, execute }: Cli): void {
  addCommand(program, "demo", "watch a task become a merged commit, offline: real git, real agent processes, real checks")
    .option("--folder <folder>", "where to make it, or to go on with one that was killed (default: a new temporary folder)")
    .action((options: CommonOptions & { readonly folder?: string }) =>
      execute(options, async ({ output }) => {
        const code = await runDemo({
          ...(options.folder === undefined ? {} : { folder: options.folder }),
          json: output.json,
          print: (line) => output.line(line),
          result: (value) => output.document({ result: value }),
        });
        return code === 0 ? EXIT.fine : EXIT.runFailed;
      }),
    );
}
