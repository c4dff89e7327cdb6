import type { AgentExecutor } from "@millrace/kernel";

/**
 * One executor out of two: calls of the kinds that `inlineKinds` names go to `inline`, all other calls and every job to `jobs`.
 * Jobs are always `jobs`: a handle does not say its kind, and model calls have none.
 */
export function routeExecutors(options: {
  readonly inline: AgentExecutor;
  readonly jobs: AgentExecutor;
  inlineKinds(kind: string): boolean;
}): AgentExecutor {
  const of = (kind: string): AgentExecutor => (options.inlineKinds(kind) ? options.inline : options.jobs);
  return {
    resolveModel: (kind) => of(kind).resolveModel(kind),
    isQuotaBased: (kind) => of(kind).isQuotaBased(kind),
    run: (task, signal) => of(task.kind).run(task, signal),
    startJob: (task) => options.jobs.startJob(task),
    pollJob: (handle) => options.jobs.pollJob(handle),
    stopJob: (handle) => options.jobs.stopJob(handle),
    forget: (handle) => options.jobs.forget(handle),
  };
}
