import { assertFound } from "@millrace/kernel";
import type { ConfigKey, ConfigState } from "../config/keys/config-key.js";
import { parseConfig } from "../config/config.schema.js";
import { configKeys, findKey } from "../config/keys.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { table } from "../output/format.logic.js";
import { proofOf } from "../person/proof-of.js";
import type { Cradle } from "../wiring/container.js";
import { readInput } from "../input.js";
import { addCommand, boardOf, withPerson, type Cli, type CommonOptions } from "./command.js";

/** Registers `config`: every setting of the board, read and written by its name. */
export function registerConfig({ program, execute }: Cli): void {
  const config = program.command("config").description("read and change the settings of the board, each by its name");
  addCommand(config, "list", "list the settings and their values").action((options: CommonOptions) => execute(options, list));
  addCommand(config, "get [key]", "print one setting; without a key, all of them").action(
    (key: string | undefined, options: CommonOptions) => execute(options, (app) => (key === undefined ? list(app) : get(app, key))),
  );
  withPerson(addCommand(config, "set <key> <value...>", "change a setting; drivers read it before their next step")).action(
    (key: string, value: readonly string[], options: CommonOptions) => execute(options, (app) => set(app, key, value)),
  );
}

async function list(app: Cradle): Promise<ExitCode> {
  const { output } = app;
  const { keys, state } = await load(app);
  output.document({ config: Object.fromEntries(keys.map((key) => [key.key, key.read(state)])) });
  const shown = keys.filter((key) => key.rare !== true || key.read(state) !== null);
  output.lines(table([["SETTING", "VALUE", "WHAT IT SAYS"], ...shown.map((key) => [key.key, key.show(state), key.about])]));
  output.line();
  output.line("change one with: millrace config set <setting> <value>");
  return EXIT.fine;
}

async function get(app: Cradle, name: string): Promise<ExitCode> {
  const { keys, state } = await load(app);
  print(app, findKey(keys, name), state);
  return EXIT.fine;
}

async function set(app: Cradle, name: string, words: readonly string[]): Promise<ExitCode> {
  const { keys, state } = await load(app);
  const key = findKey(keys, name);
  const proof = await proofOf(app, { what: `set ${key.key} to ${words.join(" ")}` });
  if (proof === null) return EXIT.forbidden;
  const { actor, runtime, project } = app;
  const { provePerson } = await runtime.open();
  const by = { actor, ...proof };
  // Some settings lie in a file of the board, of which the engine knows nothing.
  await provePerson(by, { deed: "set-settings", workspaceId: project.config.workspaceId, run: null });
  await key.write(app, state, words, by);
  print(app, key, (await load(app)).state);
  if (name.startsWith("budget.")) app.output.note("paused runs are taken up with: millrace resume <run>");
  return EXIT.fine;
}

function print({ output }: Cradle, key: ConfigKey, state: ConfigState): void {
  output.document({ key: key.key, value: key.read(state) });
  output.line(key.show(state));
}

async function load(app: Cradle): Promise<{ readonly keys: readonly ConfigKey[]; readonly state: ConfigState }> {
  const { runtime, io, project } = app;
  const { store, workspaceId, serviceId } = await boardOf(app);
  const { kinds, presets } = await runtime.open();
  const state = {
    config: parseConfig(await readInput(io, project.paths.config), project.paths.config),
    settings: assertFound(await store.workspaces.get(workspaceId), "workspace", workspaceId).settings,
    service: assertFound(await store.blocks.get(workspaceId, serviceId), "service", serviceId),
    preset: await presets.get({ workspaceId, presetId: null }),
  };
  return { keys: configKeys(kinds.list().map(({ id }) => id)), state };
}
