import { writtenBy } from "../platform/operations/written-by.js";
import type { HandlersOf } from "../platform/operations/handler.js";
import type { ExecutionService } from "./execution-service.js";

/** The services behind the operations on runs. */
export interface RunHandlerServices {
  readonly execution: ExecutionService;
}

/** The operations on runs and their waits. */
export function runHandlers({ execution }: RunHandlerServices): HandlersOf<"runs"> {
  return {
    "runs.start": (context, input) => execution.start({ ...input, ...writtenBy(context) }),
    "runs.stop": (context, input) => execution.stop({ ...input, as: "failed", ...writtenBy(context) }),
    "runs.cancel": (context, input) => execution.cancel({ ...input, ...writtenBy(context) }),
    "runs.retry": (context, input) => execution.retry({ ...input, ...writtenBy(context) }),
    "runs.restart": (context, input) => execution.restart({ ...input, ...writtenBy(context) }),
    "runs.merge": (context, input) => execution.merge({ ...input, ...writtenBy(context) }),
    "runs.answer": (context, input) => execution.answer({ ...input, ...writtenBy(context) }),
    "runs.resume": (context, input) => execution.resume({ ...input, ...writtenBy(context) }),
    "runs.resumePaused": (context, input) => execution.resumePaused({ ...input, ...writtenBy(context) }),
  };
}
