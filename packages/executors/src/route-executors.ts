import type { AgentExecutor } from "@millrace/kernel";

/**
 * Combines two executors: calls of the kinds for which `inlineKinds` is true go to `inline`, all other calls and every job to `jobs`.
 * A job handle has no kind, and model calls have no jobs.
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
