import { resolve } from "node:path";
import { MillraceError } from "@millrace/kernel";
import { refuseTracked } from "../config/board-guard.js";
import { secretsOf } from "../config/board-secrets.js";
import type { Config } from "../config/config.schema.js";
import { findProject } from "../config/find-project.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { boardTokens, type BoardTokens } from "../person/board-tokens.js";
import { proofOf } from "../person/proof-of.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, withPerson, type Cli, type CommonOptions } from "./command.js";

export function registerTrust({ program, execute }: Cli): void {
  withPerson(
    addCommand(program, "trust [folder]", "trust a board that was not made here: what it names may run and read your secrets"),
  ).action((folder: string | undefined, options: CommonOptions) => execute(options, (app) => trust(app, folder)));
}

/** Starts nothing of the board and sends nothing: it is read, shown and listed. */
async function trust(app: Cradle, folder: string | undefined): Promise<ExitCode> {
  const { io, output, actor, trusted, person } = app;
  if (actor.type !== "human")
    throw new MillraceError("forbidden_actor", "an agent cannot trust a board", { fix: "do it yourself, in a terminal of your own" });
  const project = findProject(resolve(io.cwd, folder ?? "."));
  refuseTracked(project.folder);
  const tokens = boardTokens(project.paths.tokens);
  const { agent, checks } = project.config;
  const secrets = secretsOf(project.config);
  const lines = boardLines(project.config, tokens);
  const proof = await proofOf(app, { what: `trust the board '${project.folder}'`, shown: lines });
  if (proof === null) return EXIT.forbidden;
  const { workspaceId } = project.config;
  await person.checkOf(tokens).prove({ deed: "set-settings", workspaceId, person: actor.id, credential: proof.credential ?? null });
  trusted.add(project);
  output.document({ folder: project.folder, agent, checks, secrets, tokens: tokens.list().map(({ digest: _, ...token }) => token) });
  output.line(`trusted  ${project.folder}`);
  output.lines(lines);
  return EXIT.fine;
}

/** What a board may run, which secrets it may read, and who may decide in it. */
function boardLines(config: Config, tokens: BoardTokens): readonly string[] {
  const { agent, checks, ci } = config;
  return [
    `agent    ${agent ?? "none yet"}`,
    ...checks.map((check) => `check    ${check.argv.join(" ")}`),
    ...(ci === "none" ? ["check    none"] : []),
    ...secretsOf(config).map(({ variable, host }) => `secret   ${variable}, for ${host}`),
    ...tokens.list().map(({ id, person, name }) => `token    mr_${id} of ${person}, ${name}; end it with: millrace token revoke mr_${id}`),
  ];
}
