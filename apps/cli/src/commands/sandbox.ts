import { MillraceError } from "@millrace/kernel";
import { sandboxNameSchema } from "@millrace/executors";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { sandboxLine } from "../views/sandbox-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, type Cli, type CommonOptions } from "./command.js";

interface SandboxOptions extends CommonOptions {
  readonly yes?: boolean;
}

/** Registers `sandbox`: what agents and checks of this user run in, on every board. */
export function registerSandbox({ program, execute }: Cli): void {
  addCommand(program, "sandbox [name]", "show what your agents and checks run in, or choose it for all your boards: bubblewrap, none")
    .option("--yes", "with none: yes, they may do whatever you can")
    .action((name: string | undefined, options: SandboxOptions) =>
      execute(options, (app) => (name === undefined ? show(app) : choose(app, name, options))),
    );
}

async function show({ sandbox, output }: Cradle): Promise<ExitCode> {
  const name = sandbox.name();
  const found = await sandbox.examine();
  output.document({ sandbox: name, chosen: sandbox.chosen() !== null, ...found });
  output.line(`sandbox  ${found.works ? sandboxLine(name, found.limits) : `${name}, which does not work here: ${found.problem ?? ""}`}`);
  output.line(`why      ${sandbox.chosen() === null ? "the default" : "you chose it"}`);
  if (found.fix !== null) output.line(`fix      ${found.fix}`);
  return found.works ? EXIT.fine : EXIT.environment;
}

async function choose(app: Cradle, text: string, { yes }: SandboxOptions): Promise<ExitCode> {
  if (app.actor.type !== "human")
    throw new MillraceError("forbidden_actor", "an agent cannot choose its sandbox", { fix: "do it yourself, in a terminal of your own" });
  const name = sandboxNameSchema.safeParse(text);
  if (!name.success)
    throw new MillraceError("validation", `there is no sandbox '${text}'`, { fix: `name one of: ${sandboxNameSchema.options.join(", ")}` });
  if (name.data === "none" && yes !== true)
    throw new MillraceError("validation", "without a sandbox every agent and check, on every board of yours, may do whatever you can", {
      fix: "if you want that: millrace sandbox none --yes",
    });
  app.sandbox.choose(name.data);
  return show(app);
}
