import { errorCodeSchema } from "@millrace/contracts";
import { judgeWork } from "@millrace/agents";
import { MillraceError, type AgentAnswer, type AgentExecutor, type AgentTask, type JobHandle, type JobOutcome } from "@millrace/kernel";
import type { JobWatch } from "./job-watch.js";

export interface InlineJobs {
  readonly executor: AgentExecutor;
  readonly watch: JobWatch;
  /** Forgets that the job ever ran, so that its key can be tried again. */
  reset(handle: JobHandle): Promise<void>;
}

/** Upper bound between two looks: a supervisor killed from outside tells nobody. */
const LOOK_MS = 1_000;

/**
 * An inline call on a coding agent: a job under the same key whose end is awaited. With a pull request the agent looks at a
 * checkout of its branch; it may write nothing, and that it did not is verified. An abort stops the job.
 *
 * @throws MillraceError with the outcome's code when it is an error code, else `agent_failed`; `unavailable` on abort and when
 * the job was lost.
 */
export async function runInline(jobs: InlineJobs, task: AgentTask, signal: AbortSignal): Promise<AgentAnswer> {
  const { executor, watch } = jobs;
  const contract = { delivers: "nothing", commits: "agent", pullRequest: "none" } as const;
  const handle = await executor.startJob({ ...task, contract, repository: task.pullRequest === null ? null : task.repository });
  for (;;) {
    if (signal.aborted) {
      await executor.stopJob(handle);
      await jobs.reset(handle);
      throw new MillraceError("unavailable", `the call of the '${task.kind}' agent was stopped`, { cause: signal.reason });
    }
    const status = await executor.pollJob(handle);
    if (status.is === "ended") {
      // A call has no effect to protect: what failed in passing may be asked again under its key.
      await (status.outcome.is === "finished" ? executor.forget(handle) : jobs.reset(handle));
      return answerOrThrow(task, status.outcome);
    }
    // Ends: the supervisor enforces the job's total limit, and a dead supervisor is found by the poll.
    await watch.wait(task.key, LOOK_MS, signal);
  }
}

function answerOrThrow(task: AgentTask, outcome: JobOutcome): AgentAnswer {
  switch (outcome.is) {
    case "finished": {
      const broken =
        outcome.observed === null ? null : judgeWork({ delivers: "nothing", commits: "agent", pullRequest: "none" }, outcome.observed);
      if (broken === null) return outcome.answer;
      throw new MillraceError("agent_failed", `the '${task.kind}' agent failed: ${broken.message}`, { details: { reason: broken.code } });
    }
    case "failed": {
      const code = errorCodeSchema.safeParse(outcome.code);
      throw new MillraceError(code.success ? code.data : "agent_failed", outcome.message, { details: { reason: outcome.code } });
    }
    case "lost":
      throw new MillraceError("unavailable", outcome.message, { details: { reason: "lost", transient: outcome.transient } });
    case "out-of-quota":
      throw new MillraceError("quota_exhausted", outcome.message, { details: { resetAt: outcome.resetAt } });
  }
}
