import type { Run } from "@millrace/contracts";
import { digestJson, notFound } from "@millrace/kernel";
import { freshStep } from "../model/evolve.logic.js";
import { pipelineInForce } from "../pipelines/in-force.js";
import { runnableSteps } from "../pipelines/shape.logic.js";
import type { Engine } from "../turn/engine.js";
import { learnOfBlock } from "../turn/landing.js";
import { guardDependencies } from "./dependency-guard.js";
import { beginRun, prepareRun, readInputFor, type BlockAddress, type Initiator, type RunPlan } from "./new-run.js";

/** Input of `start`: the block, the pipeline, and who starts it. */
export interface StartRequest extends BlockAddress, Initiator {
  readonly pipelineId: string;
  /** Start although what the task waits for is not done. Default: no. */
  readonly evenIfBlocked?: boolean;
}

/**
 * Starts a pipeline on a block, after a look whether its change has landed. `pullRequest`: one that the run takes over.
 * @throws MillraceError `not_found`, `pipeline_invalid`, `run_in_progress`, `conflict`, `validation`, `task_limit`, `model_unusable`,
 *   `credential_required`.
 */
export async function start(engine: Engine, request: StartRequest, pullRequest: Run["pullRequest"] = null): Promise<Run> {
  const plan = await startPlan(engine, request, pullRequest);
  await learnOfBlock(engine, request);
  if (request.evenIfBlocked !== true) await guardDependencies(engine, request);
  const input = await readInputFor(engine, request, plan.steps);
  return beginRun(engine, await prepareRun(engine, plan, input, request), input, request);
}

/**
 * The steps that a run of the pipeline would have.
 * @throws MillraceError `not_found`, `pipeline_invalid`.
 */
export async function startPlan(
  { ports, registries, served }: Engine,
  request: Pick<StartRequest, "workspaceId" | "pipelineId">,
  pullRequest: Run["pullRequest"],
): Promise<RunPlan> {
  const pipeline = await pipelineInForce(ports.store, served, request.workspaceId, request.pipelineId);
  if (pipeline === null) throw notFound("pipeline", request.pipelineId, "list pipelines with: millrace pipelines");
  const definitions = runnableSteps(pipeline, registries);
  return {
    pipeline: {
      id: pipeline.id,
      name: pipeline.name,
      digest: await digestJson(definitions.map((definition) => ({ ...definition }))),
    },
    steps: definitions.map((definition) => freshStep(definition, registries)),
    cursor: 0,
    supersedes: null,
    pullRequest,
    estimate: null,
  };
}
