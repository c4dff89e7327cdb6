import type { Role } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { HandlersOf } from "../platform/operations/handler.js";
import { writtenBy } from "../platform/operations/written-by.js";
import type { ExecutionService } from "./execution-service.js";
import { currentStep, openWait } from "./model/due.logic.js";
import type { StepKinds } from "./model/step-kind.js";
import type { RunReadService } from "./run-read-service.js";

/** What the operations on runs need. */
export interface RunHandlerServices {
  readonly execution: ExecutionService;
  readonly runs: RunReadService;
  readonly stepKinds: StepKinds;
  /** True if no step of the pipeline delivers work. */
  readonly deliversNothing: (workspaceId: string, pipelineId: string) => Promise<boolean>;
}

/** The operations on runs and their waits. */
export function runHandlers({ execution, runs, stepKinds, deliversNothing }: RunHandlerServices): HandlersOf<"runs"> {
  return {
    "runs.view": async (_, address) => {
      const { view, can, cursor } = await runs.view(address);
      return { run: view, can, cursor };
    },
    "runs.events": async (_, { after, limit, ...address }) => {
      await execution.get(address);
      return { items: [...(await runs.events(address, after, limit))] };
    },
    "runs.output": (_, address) => runs.output(address),
    "runs.evidence": (_, address) => runs.evidence(address),
    "runs.preview": ({ by: { actor } }, input) => execution.preview({ ...input, actor }),
    "runs.start": async (context, input) => {
      if (!isDeveloper(context.roles) && !(await deliversNothing(input.workspaceId, input.pipelineId)))
        throw new MillraceError("forbidden", "this needs the capability run.start for pipelines that deliver work", {
          fix: "start a pipeline that delivers nothing, such as a review of the requirements, or ask a developer",
          details: { capability: "run.start" },
        });
      return execution.start({ ...input, ...writtenBy(context) });
    },
    "runs.stop": (context, input) => execution.stop({ ...input, as: "failed", ...writtenBy(context) }),
    "runs.cancel": (context, input) => execution.cancel({ ...input, ...writtenBy(context) }),
    "runs.retry": (context, input) => execution.retry({ ...input, ...writtenBy(context) }),
    "runs.restart": (context, input) => execution.restart({ ...input, ...writtenBy(context) }),
    "runs.merge": (context, input) => execution.merge({ ...input, ...writtenBy(context) }),
    "runs.answer": async (context, input) => {
      const run = await execution.get(input);
      // Whoever answers a step that lands the change decides whether it lands.
      if (openWait(run) !== null && stepKinds.of(currentStep(run).state).landsChange) context.require("merge.approve");
      return execution.answer({ ...input, ...writtenBy(context) });
    },
    "runs.resume": (context, input) => execution.resume({ ...input, ...writtenBy(context) }),
    "runs.resumePaused": async (context, input) => {
      const { resumed, left } = await execution.resumePaused({ ...input, ...writtenBy(context) });
      return { resumed: [...resumed], left: [...left] };
    },
  };
}

/** The role `product` alone starts only what delivers nothing. */
function isDeveloper(roles: readonly Role[]): boolean {
  return roles.some((role) => role === "owner" || role === "admin" || role === "developer");
}
