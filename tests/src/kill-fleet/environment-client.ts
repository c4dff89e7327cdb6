/** The ports of a worker to the fleet's environment: effects happen outside of the worker and outlive it. */
import { MillraceError, type AgentExecutor, type Forge } from "@millrace/kernel";
import { replySchema, WORKER_HEADER, type EnvironmentCall } from "./protocol.schema.js";

/** `url` is the environment's, `worker` the name of this process. */
export function connectToEnvironment(url: string, worker: string): { readonly agents: AgentExecutor; readonly forge: Forge } {
  /** Sends a call. `T` is the result that the port declares for the called method. */
  async function ask<T>(call: EnvironmentCall, signal: AbortSignal | null = null): Promise<T> {
    const reply = await post(url, worker, call, signal);
    return reply as T;
  }
  return {
    agents: {
      resolveModel: async () => "scripted:scripted",
      rateOf: async (_kind, request) => (request === "ask-agent" ? "call" : "job"),
      run: (task, signal) => ask({ call: "run", task }, signal),
      startJob: (task) => ask({ call: "startJob", task }),
      pollJob: (handle) => ask({ call: "pollJob", handle }),
      stopJob: (handle) => ask({ call: "stopJob", handle }),
      // The environment keeps everything, as the ledger needs it.
      forget: async () => undefined,
    },
    forge: {
      name: "memory",
      findPullRequest: (repository, branch) => ask({ call: "findPullRequest", repository, branch }),
      findMerged: (repository, branch) => ask({ call: "findMerged", repository, branch }),
      openPullRequest: (repository, request) => ask({ call: "openPullRequest", repository, request }),
      read: (repository, pullRequest) => ask({ call: "read", repository, pullRequest }),
      checks: (repository, head) => ask({ call: "checks", repository, head }),
      diffDigest: (repository, range) => ask({ call: "diffDigest", repository, range }),
      updateBranch: (repository, pullRequest, head) => ask({ call: "updateBranch", repository, pullRequest, head }),
      // Merges land at once, so none is ever pending.
      withdraw: () => Promise.resolve(),
      merge: (repository, pullRequest, expected, message) => ask({ call: "merge", repository, pullRequest, expected, message }),
    },
  };
}

async function post(url: string, worker: string, call: EnvironmentCall, signal: AbortSignal | null): Promise<unknown> {
  let answer: unknown;
  try {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(call), headers: { [WORKER_HEADER]: worker }, signal });
    answer = await response.json();
  } catch (cause) {
    throw new MillraceError("unavailable", "the connection to the environment broke before its response", { fix: "ask again", cause });
  }
  const reply = replySchema.parse(answer);
  if ("error" in reply) {
    const { code, message, fix } = reply.error;
    throw new MillraceError(code, message, fix === null ? {} : { fix });
  }
  return reply.value;
}
