import { resolve } from "node:path";
import { pipelineSchema } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { issuesOf, parseJson } from "../config/config.schema.js";
import { pipelinesOf } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { readInput } from "../input.js";
import { proofOf } from "../person/proof-of.js";
import { pipelineLines } from "../views/list-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { addCommand, boardOf, withPerson, type Cli, type CommonOptions } from "./command.js";

export function registerPipeline({ program, execute }: Cli): void {
  const pipeline = program.command("pipeline").description("add or replace pipelines");
  withPerson(addCommand(pipeline, "add <file>", "add the pipeline in a JSON file, or replace the one with its id")).action(
    (file: string, options: CommonOptions) => execute(options, (app) => addPipeline(app, file)),
  );
  addCommand(program, "pipelines", "list the pipelines of the board").action((options: CommonOptions) => execute(options, listPipelines));
}

async function addPipeline(app: Cradle, file: string): Promise<ExitCode> {
  const { io, output, runtime, actor } = app;
  const path = file === "-" ? "standard input" : resolve(io.cwd, file);
  const input = parseJson(await readInput(io, file), path);
  const parsed = pipelineSchema.safeParse(input);
  if (!parsed.success) {
    throw new MillraceError("pipeline_invalid", `'${path}' is no pipeline: ${issuesOf(parsed.error)}`, {
      fix: 'a pipeline looks like {"id":"pl_mine","name":"Mine","steps":[{"kind":"coder"},{"kind":"ci"},{"kind":"merger"}]}',
      details: { path },
    });
  }
  const { workspaceId } = await boardOf(app);
  const { pipelines } = await runtime.open();
  const proof = await proofOf(app, {
    what: `set the pipeline ${parsed.data.id}: ${parsed.data.steps.map(({ kind, approval }) => (approval === null ? kind : `${kind} (approved)`)).join(", ")}`,
  });
  if (proof === null) return EXIT.forbidden;
  const pipeline = await pipelines.put({ workspaceId, input, actor, ...proof });
  output.document({ pipeline });
  output.line(`saved ${pipeline.id}: ${pipeline.steps.map((step) => step.kind).join(" → ")}`);
  return EXIT.fine;
}

async function listPipelines(app: Cradle): Promise<ExitCode> {
  const { output, project } = app;
  const pipelines = await pipelinesOf(await boardOf(app));
  output.document({ pipelines, default: project.config.pipeline });
  output.lines(pipelineLines(pipelines, project.config.pipeline));
  output.line();
  output.line("* used for tasks that name none");
  return EXIT.fine;
}
