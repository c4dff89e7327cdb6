import { errorCodeSchema } from "@millrace/contracts";
import { judgeWork } from "@millrace/agents";
import {
  AgentCallError,
  type AgentAnswer,
  type AgentTask,
  type JobHandle,
  type JobOutcome,
  type JobStatus,
  type TokenUsage,
} from "@millrace/kernel";

/** The jobs of an executor, as far as an inline call needs them. */
export interface InlineJobs {
  start(task: AgentTask): Promise<JobHandle>;
  poll(handle: JobHandle): Promise<JobStatus>;
  stop(handle: JobHandle): Promise<TokenUsage | null>;
  forget(handle: JobHandle): Promise<void>;
  /** Removes all files of the job, so that its key can be used again. */
  reset(handle: JobHandle): Promise<void>;
  /** Resolves when the job ends, after `timeoutMs`, or when the signal aborts. */
  waitForEnd(key: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

/** Longest time between two polls, in ms: the end of a supervisor that was killed from outside may go unnoticed. */
const POLL_MS = 1_000;

/** An inline call delivers an answer and no change. */
const ANSWER_ONLY = { delivers: "nothing", commits: "agent", pullRequest: "none" } as const;

/**
 * Makes an inline call of a coding agent: starts a job under the key of the task and waits for its end. A task with a pull request
 * gets a checkout of its branch, which must come back unchanged. An abort stops the job.
 *
 * @throws AgentCallError with the code of the outcome when that is an error code, else `agent_failed`; `unavailable` on abort and when
 * the job was lost.
 */
export async function runInline(jobs: InlineJobs, task: AgentTask, signal: AbortSignal): Promise<AgentAnswer> {
  const handle = await jobs.start({ ...task, contract: ANSWER_ONLY, repository: task.pullRequest === null ? null : task.repository });
  for (;;) {
    if (signal.aborted) {
      const usage = await jobs.stop(handle);
      await jobs.reset(handle);
      throw new AgentCallError("unavailable", `the call of the '${task.kind}' agent was stopped`, { cause: signal.reason, usage });
    }
    const status = await jobs.poll(handle);
    if (status.is === "ended") {
      // An inline call has no effect to protect: after a passing failure the same key may be tried again.
      await (status.outcome.is === "finished" ? jobs.forget(handle) : jobs.reset(handle));
      return answerOrThrow(task, status.outcome);
    }
    // The loop ends: the supervisor enforces the total limit of the job, and the poll finds a dead supervisor.
    await jobs.waitForEnd(task.key, POLL_MS, signal);
  }
}

function answerOrThrow(task: AgentTask, outcome: JobOutcome): AgentAnswer {
  switch (outcome.is) {
    case "finished": {
      const broken = outcome.observed === null ? null : judgeWork(ANSWER_ONLY, outcome.observed);
      if (broken === null) return outcome.answer;
      throw new AgentCallError("agent_failed", `the '${task.kind}' agent failed: ${broken.message}`, {
        details: { reason: broken.code },
        usage: outcome.answer.usage,
      });
    }
    case "failed": {
      const code = errorCodeSchema.safeParse(outcome.code);
      throw new AgentCallError(code.success ? code.data : "agent_failed", outcome.message, {
        details: { reason: outcome.code },
        usage: outcome.usage,
      });
    }
    case "lost":
      throw new AgentCallError("unavailable", outcome.message, {
        details: { reason: "lost", transient: outcome.transient },
        usage: outcome.usage,
      });
    case "out-of-quota":
      throw new AgentCallError("quota_exhausted", outcome.message, { details: { resetAt: outcome.resetAt }, usage: outcome.usage });
  }
}
