/** The two ports a worker has to the world: whatever it asks happens outside of it and outlives it. */
import { MillraceError, type AgentExecutor, type Forge } from "@millrace/kernel";
import { replySchema, WORKER_HEADER, type EnvironmentCall } from "./protocol.schema.js";

/** `url` is the world's, `worker` the name it knows this process by. */
export function connectToEnvironment(url: string, worker: string): { readonly agents: AgentExecutor; readonly forge: Forge } {
  /** The world implements the ports; `T` is what the port says of the method that `call` names. */
  async function ask<T>(call: EnvironmentCall, signal: AbortSignal | null = null): Promise<T> {
    const reply = await post(url, worker, call, signal);
    return reply as T;
  }
  return {
    agents: {
      resolveModel: async () => "scripted:scripted",
      isQuotaBased: async () => false,
      run: (task, signal) => ask({ call: "run", task }, signal),
      startJob: (task) => ask({ call: "startJob", task }),
      pollJob: (handle) => ask({ call: "pollJob", handle }),
      stopJob: (handle) => ask({ call: "stopJob", handle }),
      // The world keeps everything: it is the witness.
      forget: async () => undefined,
    },
    forge: {
      name: "memory",
      findPullRequest: (repository, branch) => ask({ call: "findPullRequest", repository, branch }),
      openPullRequest: (repository, request) => ask({ call: "openPullRequest", repository, request }),
      read: (repository, pullRequest) => ask({ call: "read", repository, pullRequest }),
      checks: (repository, head) => ask({ call: "checks", repository, head }),
      updateBranch: (repository, pullRequest, head) => ask({ call: "updateBranch", repository, pullRequest, head }),
      // The world's merges land at once.
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
    throw new MillraceError("unavailable", "the connection to the world broke before it answered", { fix: "ask again", cause });
  }
  const reply = replySchema.parse(answer);
  if ("error" in reply) {
    const { code, message, fix } = reply.error;
    throw new MillraceError(code, message, fix === null ? {} : { fix });
  }
  return reply.value;
}
