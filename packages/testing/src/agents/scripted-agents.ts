/**
 * Agents that follow a script, in memory: no tokens, no processes. To the engine they are real: jobs are keyed, observed, lost and
 * stopped as an executor's are.
 */
import type { CommitSha, JsonValue, WorkObservation } from "@millrace/contracts";
import {
  AgentCallError,
  MillraceError,
  NOTHING_SPENT,
  taskBranch,
  type AgentAnswer,
  type AgentExecutor,
  type AgentRequest,
  type AgentTask,
  type JobHandle,
  type JobOutcome,
  type JobStatus,
  type RequestRate,
  type TokenUsage,
} from "@millrace/kernel";
import { cleanWork } from "./clean-work.js";
import type { MemoryForge } from "../forge/memory-forge.js";

/** One call of an agent: what it answers and what it does to the repository. */
export interface ScriptedTurn {
  /** Text of the answer. Default: `done`. */
  readonly say?: string;
  /** Structured answer; appended to the text as JSON. */
  readonly answer?: JsonValue;
  readonly question?: { readonly question: string; readonly options: readonly string[] };
  /** Files to change (null deletes): committed to the run's branch and pushed, with a pull request opened. */
  readonly change?: Readonly<Record<string, string | null>>;
  /** Resolves conflicts: merges the base into the branch and takes these files. */
  readonly resolve?: Readonly<Record<string, string | null>>;
  /** Polls that answer "running" before the job ends. Default: 0. */
  readonly polls?: number;
  /** The job ends as lost. */
  readonly lost?: { readonly transient: boolean };
  /** The provider's quota runs out during the job; it resets at this time, in epoch ms. */
  readonly outOfQuota?: number;
  /** The call or the job fails with this code. */
  readonly fails?: { readonly code: string; readonly message: string };
  /** The port call itself throws this error. */
  readonly throws?: MillraceError;
  /** Overrides fields of the observation: for agents that lie. */
  readonly observed?: Partial<WorkObservation>;
  /** What it uses, whatever comes of it; null: it does not say. Default: nothing. */
  readonly usage?: TokenUsage | null;
  /** Confidence that the agent claims, 0 to 1. */
  readonly confidence?: number;
}

/** The turns of a kind in order, the last of which repeats, or a function of the task and the number of earlier calls of the kind. */
export type ScriptedKind = ScriptedTurn | readonly ScriptedTurn[] | ((task: AgentTask, call: number) => ScriptedTurn);

interface Job {
  readonly task: AgentTask;
  readonly turn: ScriptedTurn;
  polls: number;
  outcome: JobOutcome | null;
  stopped: boolean;
}

/** An agent executor that follows scripts, with a record of what it was asked. */
export interface ScriptedAgents extends AgentExecutor {
  /** Every task that was started, in order. A key appears once, however often it was requested. */
  readonly begun: readonly AgentTask[];
  /** Keys of the jobs that were stopped. */
  readonly stopped: readonly string[];
  /** Keys of the jobs that were started and have neither ended nor been stopped. */
  inFlight(): readonly string[];
}

/** An agent executor in memory with a script for each agent kind. A kind without a script fails with `agent_missing`. */
export function createScriptedAgents(script: Readonly<Record<string, ScriptedKind>>, forge: MemoryForge | null = null): ScriptedAgents {
  return new InMemoryAgents(script, forge);
}

class InMemoryAgents implements ScriptedAgents {
  readonly begun: AgentTask[] = [];
  readonly stopped: string[] = [];
  readonly #script: Readonly<Record<string, ScriptedKind>>;
  readonly #forge: MemoryForge | null;
  readonly #jobs = new Map<string, Job>();
  readonly #answers = new Map<string, AgentAnswer | AgentCallError>();

  constructor(script: Readonly<Record<string, ScriptedKind>>, forge: MemoryForge | null) {
    this.#script = script;
    this.#forge = forge;
  }

  inFlight(): readonly string[] {
    return [...this.#jobs].filter(([, job]) => job.outcome === null && !job.stopped).map(([key]) => key);
  }

  async resolveModel(): Promise<string | null> {
    return "scripted:scripted";
  }

  async rateOf(_kind: string, request: AgentRequest): Promise<RequestRate> {
    return request === "ask-agent" ? "call" : "job";
  }

  async run(task: AgentTask): Promise<AgentAnswer> {
    let answer = this.#answers.get(task.key);
    if (answer === undefined) {
      if (this.stopped.includes(task.key)) throw new MillraceError("unavailable", `the call '${task.key}' was stopped`);
      const turn = this.#begin(task);
      answer = turn.fails === undefined ? toAnswer(turn) : new AgentCallError("agent_failed", turn.fails.message, { usage: usageOf(turn) });
      this.#answers.set(task.key, answer);
    }
    if (answer instanceof AgentCallError) throw answer;
    return answer;
  }

  async startJob(task: AgentTask): Promise<JobHandle> {
    const isWanted = !this.#jobs.has(task.key) && !this.stopped.includes(task.key);
    if (isWanted) this.#jobs.set(task.key, { task, turn: this.#begin(task), polls: 0, outcome: null, stopped: false });
    return { key: task.key, ref: `memory:${task.key}`, model: "scripted:scripted" };
  }

  async pollJob(handle: JobHandle): Promise<JobStatus> {
    const job = this.#jobs.get(handle.key);
    if (job === undefined || job.stopped)
      return { is: "ended", outcome: { is: "lost", transient: false, message: "the job is gone", usage: this.#usedBy(handle.key) } };
    if (job.outcome !== null) return { is: "ended", outcome: job.outcome };
    job.polls += 1;
    if (job.polls <= (job.turn.polls ?? 0))
      return { is: "running", progress: { completed: job.polls - 1, total: job.turn.polls ?? 0, items: [] } };
    job.outcome = await this.#finish(job);
    return { is: "ended", outcome: job.outcome };
  }

  async stopJob(handle: JobHandle): Promise<TokenUsage | null> {
    this.stopped.push(handle.key);
    const job = this.#jobs.get(handle.key);
    if (job !== undefined) job.stopped = true;
    return this.#usedBy(handle.key);
  }

  #usedBy(key: string): TokenUsage | null {
    const job = this.#jobs.get(key);
    return job === undefined ? (this.#answers.get(key) ?? { usage: NOTHING_SPENT }).usage : usageOf(job.turn);
  }

  async forget(): Promise<void> {
    // The outcome is kept: an engine that crashed before its commit polls again.
  }

  #begin(task: AgentTask): ScriptedTurn {
    const call = this.begun.filter((one) => one.kind === task.kind).length;
    const script = this.#script[task.kind];
    if (script === undefined)
      throw new MillraceError("agent_missing", `no script for '${task.kind}'`, { fix: "add it to createScriptedAgents" });
    const turn = typeof script === "function" ? script(task, call) : isList(script) ? script[Math.min(call, script.length - 1)] : script;
    if (turn?.throws !== undefined) throw turn.throws;
    this.begun.push(task);
    return turn ?? {};
  }

  async #finish({ task, turn }: Job): Promise<JobOutcome> {
    if (turn.lost !== undefined)
      return { is: "lost", transient: turn.lost.transient, message: "the job's host is gone", usage: usageOf(turn) };
    if (turn.outOfQuota !== undefined)
      return { is: "out-of-quota", resetAt: turn.outOfQuota, message: "the usage window is used up", usage: usageOf(turn) };
    if (turn.fails !== undefined) return { is: "failed", ...turn.fails, detail: null, observed: null, usage: usageOf(turn) };
    const observed = task.repository === null || this.#forge === null ? null : await this.#work(task, turn, task.repository, this.#forge);
    return { is: "finished", answer: toAnswer(turn), observed };
  }

  async #work(
    task: AgentTask,
    turn: ScriptedTurn,
    repository: NonNullable<AgentTask["repository"]>,
    forge: MemoryForge,
  ): Promise<WorkObservation> {
    const branch = taskBranch(task.block);
    const base = forge.head(repository, repository.base) ?? "";
    const headBefore = forge.head(repository, branch) ?? base;
    const headAfter = this.#commit(task, turn, repository, branch, headBefore, forge);
    if (headAfter !== headBefore && task.contract.pullRequest === "required")
      await forge.openPullRequest(repository, { branch, title: task.block.title, body: "" });
    return {
      branch,
      headBefore,
      headAfter,
      commits: headAfter === headBefore ? 0 : 1,
      treeChanged: JSON.stringify(forge.graph.get(headAfter).tree) !== JSON.stringify(forge.graph.get(headBefore).tree),
      ...cleanWork(),
      remoteHead: forge.head(repository, branch),
      pullRequest: await forge.findPullRequest(repository, branch),
      claims: { pullRequestUrl: null, commit: null },
      ...turn.observed,
    };
  }

  #commit(
    task: AgentTask,
    turn: ScriptedTurn,
    repository: NonNullable<AgentTask["repository"]>,
    branch: string,
    headBefore: CommitSha,
    forge: MemoryForge,
  ): CommitSha {
    if (turn.change !== undefined && Object.keys(turn.change).length > 0)
      return forge.push(repository, branch, turn.change, task.block.title);
    if (turn.resolve === undefined) return headBefore;
    const base = forge.head(repository, repository.base) ?? headBefore;
    const tree: Record<string, string> = { ...forge.graph.get(base).tree, ...forge.graph.get(headBefore).tree };
    for (const [path, text] of Object.entries(turn.resolve)) if (text !== null) tree[path] = text;
    const merged = forge.graph.add([headBefore, base], tree, "resolve conflicts");
    forge.pointBranch(repository, branch, merged);
    return merged;
  }
}

function toAnswer(turn: ScriptedTurn): AgentAnswer {
  return {
    text: turn.say ?? (turn.answer === undefined ? "done" : JSON.stringify(turn.answer)),
    product: turn.answer ?? null,
    question: turn.question ?? null,
    model: "scripted:scripted",
    usage: usageOf(turn),
    confidence: turn.confidence ?? null,
  };
}

function usageOf({ usage = NOTHING_SPENT }: ScriptedTurn): TokenUsage | null {
  return usage;
}

function isList(script: ScriptedTurn | readonly ScriptedTurn[]): script is readonly ScriptedTurn[] {
  return Array.isArray(script);
}
