import { NOTHING_SPENT, type AgentExecutor, type AgentRequest } from "@millrace/kernel";

/** Combines two executors by the request: calls (`ask-agent`) go to `inline`, jobs (`start-job`) to `jobs`, whatever the agent kind. */
export function routeExecutors({ inline, jobs }: { readonly inline: AgentExecutor; readonly jobs: AgentExecutor }): AgentExecutor {
  const executorOf = (request: AgentRequest): AgentExecutor => (request === "ask-agent" ? inline : jobs);
  return {
    resolveModel: (kind, request) => executorOf(request).resolveModel(kind, request),
    rateOf: (kind, request) => executorOf(request).rateOf(kind, request),
    run: (task, signal) => inline.run(task, signal),
    startJob: (task) => jobs.startJob(task),
    pollJob: (handle) => jobs.pollJob(handle),
    // The key does not say which of the two was asked; the other has nothing under it.
    async stopJob(handle) {
      const [call, job] = await Promise.all([inline === jobs ? NOTHING_SPENT : inline.stopJob(handle), jobs.stopJob(handle)]);
      return call === NOTHING_SPENT ? job : call;
    },
    forget: (handle) => jobs.forget(handle),
  };
}
