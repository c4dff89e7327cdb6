import type {
  Block,
  Brief,
  Revision,
  RepositoryRef,
  PullRequestRef,
  ServiceTesting,
  WorkObservation,
  JsonValue,
} from "@millrace/contracts";

/** Everything an agent may know of the step it works for. Text from people and repositories is data, never instructions to the platform. */
export interface AgentTask {
  /** Identity of the effect; an executor that sees it again re-attaches instead of starting another job. */
  readonly key: string;
  readonly workspaceId: string;
  readonly runId: string;
  readonly step: number;
  readonly kind: string;
  readonly pipelineName: string;
  readonly block: Pick<Block, "id" | "title" | "description" | "level">;
  readonly repository: RepositoryRef | null;
  readonly pullRequest: PullRequestRef | null;
  /** Outputs of the steps before, oldest first, each cut to its share of the prompt budget. */
  readonly priorOutputs: readonly { readonly kind: string; readonly text: string }[];
  readonly briefs: readonly Brief[];
  /** Longer texts it must see: drafts to judge, answers to fold in. */
  readonly attachments: readonly { readonly from: string; readonly text: string }[];
  /**
   * Model it is pinned to; null: the executor's choice for the kind. A model call runs on it or fails with `model_missing`; a coding agent
   * that does not offer it works on its own, and the answer's `model` says so.
   */
  readonly model: string | null;
  /** What the calls of its models may cost in all, in millionths of the currency. An executor that meters them stops there. */
  readonly reservationMicros: number;
  /** Test infrastructure of the service; null when it was never stated. */
  readonly testing: ServiceTesting | null;
  readonly decisions: readonly { readonly question: string; readonly chosen: string }[];
  /** Set when the step is done again: what it said before and what people or a companion want changed. */
  readonly revision: (Omit<Revision, "previous"> & { readonly previousText: string }) | null;
  /** Role, task, standards: composed by the agents package. */
  readonly systemPrompt: string;
  readonly userPrompt: string;
  /** JSON Schema the answer must satisfy; null for prose. */
  readonly answerSchema: JsonValue | null;
  /** Completion contract of the kind; the harness commits and pushes only what it allows. */
  readonly contract: CompletionContract;
}

/** When a step of a kind counts as finished. Judged on what was observed, never on prose. */
export interface CompletionContract {
  /** `change`: new commits with a changed tree. `update`: the same, or nothing at all. `resolve`: the branch contains its base, no conflict left. `nothing`: the repository is as it was. */
  readonly delivers: "change" | "update" | "resolve" | "nothing";
  /** Committer: the agent itself, or the harness after the agent stopped. */
  readonly commits: "agent" | "harness";
  /** `required`: an open pull request of the branch must exist afterwards. */
  readonly pullRequest: "required" | "none";
}

/** Tokens of one call, by the class they are priced in. No token is in two classes. */
export interface TokenCounts {
  /** Read by the model, and neither read from a cache nor written to one. */
  readonly inputTokens: number;
  /** Written by the model, its reasoning included. */
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

/** What one call of a model or one job used, whatever came of it. Null is unknown, which is not zero. */
export interface TokenUsage {
  readonly model: string;
  /** Null when no counts were reported. */
  readonly tokens: TokenCounts | null;
  /** In millionths of the price list's currency; null when neither a cost nor a price is known. */
  readonly costMicros: number | null;
  /** Tells apart the calls that were made under one key. Default: one call was, and another report of the key is the same one. */
  readonly call?: string | undefined;
}

/** Usage of a call that was not made. */
export const NOTHING_SPENT: TokenUsage = {
  model: "none",
  tokens: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
  costMicros: 0,
};

/** An agent's question to people, instead of a result. */
export interface AgentQuestion {
  readonly question: string;
  readonly options: readonly string[];
}

/** An agent's answer. `product` is untrusted until validated with the kind's schema. */
export interface AgentAnswer {
  readonly text: string;
  readonly product: JsonValue | null;
  readonly question: AgentQuestion | null;
  readonly model: string | null;
  /** Null: unknown. */
  readonly usage: TokenUsage | null;
  /** Confidence that the agent states, 0 to 1; any other value is dropped. Kept with the task for people; no decision reads it. */
  readonly confidence?: number | null;
}

/** A started or found job, as `startJob` returns it and `pollJob` takes it. */
export interface JobHandle {
  readonly key: string;
  /** The executor's own address of the job; survives a restart of the host. Empty when the answer to `startJob` was never seen: the key finds it. */
  readonly ref: string;
  readonly model: string | null;
}

/** An agent's own to-do list, for people: nothing is decided by it. */
export interface JobProgress {
  readonly completed: number;
  readonly total: number;
  readonly items: readonly { readonly label: string; readonly status: "pending" | "in_progress" | "completed" }[];
}

/**
 * End of a job. `lost`: no process is left that could finish it (crash of its host, eviction);
 * `transient` when the platform took it away (host restarted), which has the larger recovery budget.
 * Every end says what the job used; null: unknown.
 */
export type JobOutcome =
  | { readonly is: "finished"; readonly answer: AgentAnswer; readonly observed: WorkObservation | null }
  | {
      readonly is: "failed";
      readonly code: string;
      readonly message: string;
      readonly detail: string | null;
      readonly observed: WorkObservation | null;
      readonly usage: TokenUsage | null;
    }
  | { readonly is: "lost"; readonly transient: boolean; readonly message: string; readonly usage: TokenUsage | null }
  /** The provider's usage window was used up in the middle; the job may be started again at `resetAt` (epoch ms). Counts as no failure. */
  | { readonly is: "out-of-quota"; readonly resetAt: number; readonly message: string; readonly usage: TokenUsage | null };

/** State of a job at one poll. `progress` is null while the agent reports none. */
export type JobStatus =
  | { readonly is: "running"; readonly progress: JobProgress | null }
  | { readonly is: "ended"; readonly outcome: JobOutcome };

/** The two requests that a step makes of an agent: `ask-agent` is one call of `run`, `start-job` a job. */
export type AgentRequest = "ask-agent" | "start-job";

/**
 * How a request is paid for. `flat`: by a subscription, which budgets do not stop. `call`: as one call of a model. `job`: as the work of a
 * coding agent, which calls its model many times, also for an answer.
 */
export type RequestRate = "flat" | "call" | "job";

/**
 * Runs agents. Inline calls return in one shot; jobs are started, polled and stopped.
 *
 * `startJob` is idempotent by `task.key`: the same key returns the same job, finished or not.
 * `pollJob` of an ended job keeps returning the same outcome until `forget`.
 * `stopJob` resolves only after the job's whole process group was seen to be gone, and holds for good: a `startJob` of that key
 * that comes later, from a driver that was slow or is dead by now, starts nothing and returns a handle whose job is `lost` or `failed`.
 * A call of `run` that fails after it may have spent something throws an `AgentCallError`; any other error says that nothing was spent,
 * or that the next `run` or `stopJob` of the key reports it.
 * @throws MillraceError of any code; `errorTable` says which of them the engine tries again, and which pause the run until
 * `details.resetAt` (epoch ms).
 */
export interface AgentExecutor {
  /**
   * The `provider:model` label that such a request of this kind would run on; null when unknown. Called before every request, so that
   * people see which model is at work: cheap and without effects. An error counts as "unknown".
   */
  resolveModel(kind: string, request: AgentRequest): Promise<string | null>;
  /** How such a request of this kind is paid for; called as often as `resolveModel`. An error counts as `job` where it was never told before. */
  rateOf(kind: string, request: AgentRequest): Promise<RequestRate>;
  run(task: AgentTask, signal: AbortSignal): Promise<AgentAnswer>;
  startJob(task: AgentTask): Promise<JobHandle>;
  pollJob(handle: JobHandle): Promise<JobStatus>;
  /** Also ends a call of `run` under the key. Returns what was used under it, `NOTHING_SPENT` when nothing was begun; null: unknown. */
  stopJob(handle: JobHandle): Promise<TokenUsage | null>;
  /** Called after a result was committed: working files of the job may go, its transcript stays. */
  forget(handle: JobHandle): Promise<void>;
}
