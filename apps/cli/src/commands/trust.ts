import { resolve } from "node:path";
import { MillraceError } from "@millrace/kernel";
import { refuseTracked } from "../config/board-guard.js";
import { secretsOf } from "../config/board-secrets.logic.js";
import { findProject } from "../config/find-project.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, type Cli, type CommonOptions } from "./command.js";

export function registerTrust({ program, execute }: Cli): void {
  addCommand(program, "trust [folder]", "trust a board that was not made here: what it names may run and read your secrets").action(
    (folder: string | undefined, options: CommonOptions) => execute(options, async (app) => trust(app, folder)),
  );
}

/** Starts nothing of the board and sends nothing: it is read, shown and listed. */
function trust({ io, output, actor, trusted }: Cradle, folder: string | undefined): ExitCode {
  if (actor.type !== "human")
    throw new MillraceError("forbidden_actor", "an agent cannot trust a board", { fix: "do it yourself, in a terminal of your own" });
  const project = findProject(resolve(io.cwd, folder ?? "."));
  refuseTracked(project.folder);
  trusted.add(project);
  const { agent, checks, ci } = project.config;
  const secrets = secretsOf(project.config);
  output.document({ folder: project.folder, agent, checks, secrets });
  output.line(`trusted  ${project.folder}`);
  output.line(`agent    ${agent ?? "none yet"}`);
  for (const check of checks) output.line(`check    ${check.argv.join(" ")}`);
  if (ci === "none") output.line("check    none");
  for (const { variable, host } of secrets) output.line(`secret   ${variable}, for ${host}`);
  return EXIT.fine;
}
