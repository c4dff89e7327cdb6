import { resolve } from "node:path";
import { MillraceError } from "@millrace/kernel";
import { InvalidArgumentError } from "commander";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { clockTime, oneLine, table } from "../output/format.logic.js";
import { newToken, type TokenRecord } from "../person/board-tokens.js";
import { endOf, MAX_TOKEN_DAYS } from "../person/enrol.js";
import { proofOf } from "../person/proof-of.js";
import { TOKEN_VARIABLE, writeTokenFile } from "../person/token-file.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, withPerson, type Cli, type CommonOptions } from "./command.js";

interface CreateOptions extends CommonOptions {
  readonly out: string;
  readonly name: string;
  readonly days: number;
}

/** Registers `token`: the files that prove a person where there is no terminal. */
export function registerToken({ program, execute }: Cli): void {
  const token = program.command("token").description("tokens that prove a person to this board where there is no terminal: scripts, CI");
  withPerson(addCommand(token, "create", "write a new token to a file that only you may read"))
    .requiredOption("--out <file>", "the file to write; keep it where no agent can read it")
    .option("--name <name>", "where it is used", "token")
    .option("--days <days>", `days until it ends, at most ${MAX_TOKEN_DAYS}`, daysOf, MAX_TOKEN_DAYS)
    .action((options: CreateOptions) => execute(options, (app) => create(app, options)));
  addCommand(token, "list", "list the tokens that the board takes").action((options: CommonOptions) =>
    execute(options, async (app) => list(app)),
  );
  addCommand(token, "revoke <id>", "end a token").action((id: string, options: CommonOptions) =>
    execute(options, async (app) => revoke(app, id)),
  );
}

async function create(app: Cradle, { out, name, days }: CreateOptions): Promise<ExitCode> {
  const { io, output, actor, person, tokens, clock, runtime, project } = app;
  const proof = await proofOf(app, { what: `make a token of ${actor.id} that approves in ${project.folder} for ${days} days` });
  if (proof === null) return EXIT.forbidden;
  const { provePerson } = await runtime.open();
  await provePerson({ actor, ...proof }, { deed: "set-settings", workspaceId: project.config.workspaceId, run: null });
  const token = newToken();
  const file = resolve(io.cwd, out);
  writeTokenFile(file, token);
  const createdAt = clock.now();
  const record = tokens.add(token, { name: name.slice(0, 80), person: actor.id, createdAt, expiresAt: endOf(createdAt, days) });
  output.document({ token: shown(record), file });
  output.line(`token    mr_${record.id} of ${record.person}, until ${clockTime(record.expiresAt)}`);
  output.line(`use it   export ${TOKEN_VARIABLE}='${file}'`);
  if (person.file === null)
    output.note("an agent without a sandbox reads every file of yours: keep no token on a machine where agents run so");
  return EXIT.fine;
}

function list({ output, tokens, project }: Cradle): ExitCode {
  const all = tokens.list();
  output.document({ board: project.folder, tokens: all.map(shown) });
  if (all.length === 0) output.line("this board takes no token: people prove themselves at the terminal");
  else
    output.lines(
      table([
        ["TOKEN", "OF", "UNTIL", "NAME"],
        ...all.map(({ id, person, expiresAt, name }) => [`mr_${id}`, oneLine(person, 40), clockTime(expiresAt), oneLine(name, 80)]),
      ]),
    );
  return EXIT.fine;
}

/** Asks for no proof: what takes a power away must not need one. */
function revoke({ output, tokens, actor }: Cradle, id: string): ExitCode {
  if (actor.type !== "human") throw new MillraceError("forbidden_actor", "an agent ends no token", { fix: "do it yourself" });
  const record = tokens.revoke(id);
  output.document({ revoked: shown(record) });
  output.line(`revoked  mr_${record.id} of ${record.person}`);
  return EXIT.fine;
}

function shown({ digest: _, ...rest }: TokenRecord): Omit<TokenRecord, "digest"> {
  return rest;
}

function daysOf(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_TOKEN_DAYS) return value;
  throw new InvalidArgumentError(`a whole number from 1 to ${MAX_TOKEN_DAYS}.`);
}
