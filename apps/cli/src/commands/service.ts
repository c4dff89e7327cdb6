import { cloudProviderSchema, instanceSizeSchema, serviceTypeSchema } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { localOwner } from "@millrace/orchestration";
import { Option } from "commander";
import { boardOfService } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { descriptionFrom } from "../input.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, withActor, withQuiet, type Cli, type CommonOptions } from "./command.js";

interface ModuleOptions extends CommonOptions {
  readonly description?: string;
  readonly file?: string;
  readonly service?: string;
}

interface ServiceOptions extends ModuleOptions {
  readonly title?: string;
  readonly type?: string;
  readonly cloud?: string;
  readonly instance?: string;
}

/** Registers `module add` and `service set`. */
export function registerService({ program, execute }: Cli): void {
  const module = program.command("module").description("add modules to the board's service");
  withQuiet(withActor(addCommand(module, "add <title>", "add a module to a service")))
    .option("-d, --description <text>", "what it is about; `-` reads it from standard input")
    .option("-f, --file <file>", "read the description from a file, or from standard input with `-`")
    .option("--service <name>", "service it belongs to, by its id or title; by default the board's")
    .action((title: string, options: ModuleOptions) => execute(options, (app) => addModule(app, title, options)));
  const service = program.command("service").description("change a service of the board");
  withQuiet(withActor(addCommand(service, "set", "change what people said about a service; what is left out stays")))
    .option("--service <name>", "service to change, by its id or title; by default the board's")
    .option("--title <title>", "its title")
    .option("-d, --description <text>", "what it is about; `-` reads it from standard input")
    .option("-f, --file <file>", "read the description from a file, or from standard input with `-`")
    .addOption(new Option("--type <type>", "what it is").choices(serviceTypeSchema.options))
    .addOption(new Option("--cloud <provider>", "cloud of the machines that work on it").choices(cloudProviderSchema.options))
    .addOption(new Option("--instance <size>", "how large those machines are").choices(instanceSizeSchema.options))
    .action((options: ServiceOptions) => execute(options, (app) => setService(app, options)));
}

async function addModule(app: Cradle, title: string, options: ModuleOptions): Promise<ExitCode> {
  const { output, runtime, actor } = app;
  const description = (await descriptionFrom(app.io, options)) ?? "";
  const { workspaceId, serviceId } = await boardOfService(await boardOf(app), options.service);
  const { call } = await runtime.open();
  const module = await call("board.addModule", localOwner(actor), { workspaceId, serviceId, title, description });
  output.document({ module });
  output.id(module.id);
  output.line(`added ${module.id}  ${module.title}`);
  return EXIT.fine;
}

async function setService(app: Cradle, options: ServiceOptions): Promise<ExitCode> {
  const { output, runtime, actor } = app;
  const { title, type, cloud, instance } = options;
  const description = await descriptionFrom(app.io, options);
  const change = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(type === undefined ? {} : { type: serviceTypeSchema.parse(type) }),
    ...(cloud === undefined ? {} : { cloudProvider: cloudProviderSchema.parse(cloud) }),
    ...(instance === undefined ? {} : { instanceSize: instanceSizeSchema.parse(instance) }),
  };
  if (Object.keys(change).length === 0)
    throw new MillraceError("validation", "nothing is to be changed", { fix: "say what, for example: millrace service set --title ..." });
  const { workspaceId, serviceId: blockId } = await boardOfService(await boardOf(app), options.service);
  const { call } = await runtime.open();
  const service = await call("board.update", localOwner(actor), { workspaceId, blockId, ...change }, { ifMatch: "*" });
  output.document({ service });
  output.id(service.id);
  output.line(`changed ${service.id}  ${service.title}`);
  return EXIT.fine;
}
