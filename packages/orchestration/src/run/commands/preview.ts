import type { Actor, RunPreview } from "@millrace/contracts";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import type { Engine } from "../turn/engine.js";
import { modelStatuses, requireUsable } from "./model-guard.js";
import { readInputFor, startGuards, type BlockAddress } from "./new-run.js";
import { startPlan } from "./start.js";

/** Input of `preview`: the block, the pipeline, and who would start it. */
export interface PreviewRequest extends BlockAddress {
  readonly pipelineId: string;
  readonly actor: Actor;
}

/**
 * What a start would need, and everything that would refuse it now. Nothing is written. A credential is not asked for, and the forge is not
 * asked whether the change has landed: the start itself does so.
 * @throws MillraceError `not_found`, `pipeline_invalid`.
 */
export async function preview(engine: Engine, request: PreviewRequest): Promise<RunPreview> {
  const { workspaceId, blockId, actor } = request;
  const plan = await startPlan(engine, request, null);
  const input = await readInputFor(engine, request, plan.steps);
  const run = { steps: plan.steps, workspaceId };
  const models = await modelStatuses(engine.ports, engine.registries, { run, input, actor });
  const live = await engine.ports.store.runs.liveOfBlock(workspaceId, blockId);
  const guards = [
    () => {
      if (live !== null)
        throw new MillraceError("run_in_progress", `'${input.block.title}' has a live run: '${live.id}'`, {
          fix: `stop it first, or let it end: millrace show ${live.id}`,
        });
    },
    ...startGuards(engine, plan, input),
    () => requireUsable(models),
  ];
  const { reserveInlineMicros, reserveJobMicros } = input.settings.budget;
  return {
    steps: plan.steps.map(({ definition }) => definition),
    models: [...models],
    refusals: guards.flatMap(refusalOf),
    reserves: { inlineMicros: reserveInlineMicros, jobMicros: reserveJobMicros },
  };
}

function refusalOf(guard: () => void): RunPreview["refusals"] {
  try {
    guard();
    return [];
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return [{ code: error.code, message: error.message, fix: error.fix }];
  }
}
