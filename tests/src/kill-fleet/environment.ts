/**
 * The environment of a fleet: scripted agents and a forge, in a process that is never killed.
 *
 * Owns: agents, repositories, and the ledger of effects. Does not own: transport, kills.
 * 1. Calls are performed one after the other, so that the ledger is exact.
 * 2. The work of a key is done once; its requests are counted.
 * 3. At the first request of a key, the stored run must already request it: intent is recorded before the effect.
 */
import type { Check, RepositoryRef, Run } from "@millrace/contracts";
import {
  MillraceError,
  type AgentAnswer,
  type AgentTask,
  type JobHandle,
  type JobOutcome,
  type JobStatus,
  type TokenUsage,
} from "@millrace/kernel";
import {
  createScriptedAgents,
  type ScriptedAgents,
  type ScriptedTurn,
  type Tree,
  completedCheck,
  createMemoryForge,
} from "@millrace/testing";
import { agentCommits, mainlines, openedPullRequests } from "./history.logic.js";
import type { Ledger, LedgerEntry } from "./ledger.schema.js";
import type { FleetPlan, PlannedTask } from "./plan.logic.js";
import type { EnvironmentCall } from "./protocol.schema.js";
import { hashOf } from "./random.logic.js";
import { BROKEN, scriptedKinds, turnOf } from "./script.logic.js";

export interface EnvironmentOptions {
  readonly plan: FleetPlan;
  /** Reads the stored run; null when there is none. */
  stored(runId: string): Promise<Run | null>;
  /** Called when a held job may end, so that its run polls it. */
  onReleased(runId: string): void;
  /** Defect: starts a known key again, as an executor without idempotency would. Default: false. */
  readonly forgetsKeys?: boolean;
}

type Entry = { -readonly [Name in keyof LedgerEntry]: LedgerEntry[Name] };
type MergeEntry = { -readonly [Name in keyof Ledger["merges"][number]]: Ledger["merges"][number][Name] };
type CallOf<Name extends EnvironmentCall["call"]> = Extract<EnvironmentCall, { call: Name }>;

export class Environment {
  readonly #options: EnvironmentOptions;
  readonly #tasks: ReadonlyMap<string, PlannedTask>;
  readonly #forge = createMemoryForge();
  readonly #repositories: ReadonlyMap<string, RepositoryRef>;
  readonly #keys = new Map<string, Entry>();
  readonly #merges = new Map<string, MergeEntry>();
  /** Ids of each block's runs, in the order of their first request. */
  readonly #runsOf = new Map<string, string[]>();
  /** Repositories by branch of the tasks. */
  readonly #branches = new Map<string, RepositoryRef>();
  /** Number of kills until which each held job keeps running. */
  readonly #held = new Map<string, number>();
  readonly #snapshots = new Map<string, number>();
  /** Heads whose checks were reported green. */
  readonly #green = new Set<string>();
  #agents: ScriptedAgents;
  #kills = 0;
  #lostReplies = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.#tasks = new Map(options.plan.tasks.map((task) => [task.name, task]));
    const names = [...new Set(options.plan.tasks.map(({ repository }) => repository))];
    this.#repositories = new Map(names.map((name) => [name, this.#forge.createRepository(name, { "readme.md": name })]));
    this.#forge.judgeWith((head, tree) => this.#judge(head, tree));
    this.#agents = this.#hire();
  }

  get repositories(): ReadonlyMap<string, RepositoryRef> {
    return this.#repositories;
  }

  /**
   * Performs a call after those before it.
   *
   * @throws MillraceError as the ports do.
   */
  perform(call: EnvironmentCall): Promise<unknown> {
    const next = this.#queue.then(() => this.#perform(call));
    this.#queue = next.catch(() => undefined);
    return next;
  }

  /** Sets the number of kills so far, and releases the jobs that were held until then. */
  killed(count: number): void {
    this.#kills = count;
    for (const [key, until] of this.#held) {
      if (until > count) continue;
      this.#held.delete(key);
      this.#options.onReleased(this.#entry(key).runId);
    }
  }

  replyLost(): void {
    this.#lostReplies += 1;
  }

  /** Ids of the runs whose agent never ends, and that are to be stopped by now. */
  endless(): readonly string[] {
    const mine = [...this.#held].filter(([, until]) => until === Infinity).map(([key]) => this.#entry(key));
    return mine.filter(({ task }) => (this.#tasks.get(task)?.heldUntilKill ?? 0) <= this.#kills).map(({ runId }) => runId);
  }

  async ledger(): Promise<Ledger> {
    return {
      keys: [...this.#keys.values()].map((entry) => ({ ...entry })),
      merges: [...this.#merges.values()].map((entry) => ({ ...entry })),
      commits: agentCommits(this.#forge, this.#branches),
      mainlines: mainlines(this.#forge, this.#repositories),
      pullRequests: await openedPullRequests(this.#forge, this.#repositories),
      lostReplies: this.#lostReplies,
    };
  }

  #perform(call: EnvironmentCall): Promise<unknown> {
    switch (call.call) {
      case "run":
        return this.#run(call.task);
      case "startJob":
        return this.#start(call.task);
      case "pollJob":
        return this.#poll(call.handle);
      case "stopJob":
        return this.#stop(call.handle);
      case "findPullRequest":
        return this.#forge.findPullRequest(call.repository, call.branch);
      case "findMerged":
        return this.#forge.findMerged(call.repository, call.branch);
      case "openPullRequest":
        return this.#forge.openPullRequest(call.repository, call.request);
      case "read":
        return this.#forge.read(call.repository, call.pullRequest);
      case "checks":
        return this.#forge.checks(call.repository, call.head);
      case "diffDigest":
        return this.#forge.diffDigest(call.repository, call.range);
      case "updateBranch":
        return this.#forge.updateBranch(call.repository, call.pullRequest, call.head);
      case "merge":
        return this.#merge(call);
    }
  }

  async #run(task: AgentTask): Promise<AgentAnswer> {
    const entry = await this.#hear(task, "call");
    const answer = await this.#agents.run(task, new AbortController().signal);
    entry.ended = "finished";
    entry.tokens = tokensOf(answer.usage);
    return answer;
  }

  async #start(task: AgentTask): Promise<JobHandle> {
    const isNew = !this.#keys.has(task.key);
    const first = isNew && ![...this.#keys.values()].some(({ runId, via }) => runId === task.runId && via === "job");
    await this.#hear(task, "job");
    if (isNew) this.#hold(task, first);
    return this.#agents.startJob(task);
  }

  /** Holds a job: the first of a run for long, one in four of the others for a few kills. */
  #hold(task: AgentTask, first: boolean): void {
    const plan = this.#planOf(task);
    const later = hashOf(task.key, 4) === 0 ? this.#kills + 1 + hashOf(task.key, 5) : 0;
    const until =
      plan.story === "cancelled" && task.kind === "coder"
        ? Infinity
        : Math.min(first ? plan.heldUntilKill : later, this.#options.plan.kills);
    if (until > this.#kills) this.#held.set(task.key, until);
  }

  async #poll(handle: JobHandle): Promise<JobStatus> {
    if (this.#held.has(handle.key)) return { is: "running", progress: null };
    const status = await this.#agents.pollJob(handle);
    const entry = this.#keys.get(handle.key);
    if (status.is === "ended" && entry !== undefined && entry.ended === null && !entry.stopped) recordOutcome(entry, status.outcome);
    return status;
  }

  async #stop(handle: JobHandle): Promise<TokenUsage | null> {
    this.#held.delete(handle.key);
    const entry = this.#keys.get(handle.key);
    const usage = await this.#agents.stopJob(handle);
    if (entry !== undefined) {
      entry.stopped = true;
      entry.tokens = tokensOf(usage);
    }
    return usage;
  }

  async #merge({ repository, pullRequest, expected, message }: CallOf<"merge">): Promise<unknown> {
    const result = await this.#forge.merge(repository, pullRequest, expected, message);
    if (result.is !== "merged") return result;
    const known = this.#merges.get(pullRequest.id);
    if (known !== undefined) known.requests += 1;
    else {
      const { commit, head, base } = result;
      const { id, branch } = pullRequest;
      this.#merges.set(id, { pullRequest: id, branch, commit, head, base, green: this.#green.has(head), requests: 1 });
    }
    return result;
  }

  /** Records a request of a key. */
  async #hear(task: AgentTask, via: Entry["via"]): Promise<Entry> {
    const known = this.#keys.get(task.key);
    if (known !== undefined) {
      known.requests += 1;
      if (this.#options.forgetsKeys === true) this.#agents = this.#hire();
      return known;
    }
    const plan = this.#planOf(task);
    const entry: Entry = {
      key: task.key,
      runId: task.runId,
      task: plan.name,
      kind: task.kind,
      via,
      requests: 1,
      performed: 0,
      intended: await this.#isIntended(task),
      ended: null,
      stopped: false,
      commits: false,
      tokens: null,
    };
    this.#keys.set(task.key, entry);
    const runs = this.#runsOf.get(task.block.id) ?? [];
    if (!runs.includes(task.runId)) this.#runsOf.set(task.block.id, [...runs, task.runId]);
    if (task.repository !== null) this.#branches.set(`millrace/${task.block.id}`, task.repository);
    return entry;
  }

  async #isIntended({ key, runId }: AgentTask): Promise<boolean> {
    const run = await this.#options.stored(runId);
    const activity = run?.steps[run.cursor]?.activity;
    return activity?.is === "effect" && activity.effect.key === key.replace(/\+repair$/, "");
  }

  #hire(): ScriptedAgents {
    const script = scriptedKinds.map((kind) => [kind, (task: AgentTask) => this.#work(task)] as const);
    return createScriptedAgents(Object.fromEntries(script), this.#forge);
  }

  #work(task: AgentTask): ScriptedTurn {
    const runs = this.#runsOf.get(task.block.id) ?? [];
    const turn = turnOf({ task, plan: this.#planOf(task), run: runs.indexOf(task.runId) + 1 });
    const entry = this.#entry(task.key);
    entry.performed += 1;
    entry.commits = turn.change !== undefined || turn.resolve !== undefined;
    return turn;
  }

  /** Checks of a head. For two thirds of the heads, the first read is pending. */
  #judge(head: string, tree: Tree): readonly Check[] {
    const snapshots = (this.#snapshots.get(head) ?? 0) + 1;
    this.#snapshots.set(head, snapshots);
    if (snapshots === 1 && hashOf(head, 3) > 0)
      return [{ name: "test", status: "in_progress", conclusion: null, url: null, completedAt: null, summary: null }];
    const broken = Object.values(tree).some((text) => text.startsWith(BROKEN));
    if (!broken) this.#green.add(head);
    return [completedCheck("test", broken ? "failure" : "success")];
  }

  #planOf({ block }: AgentTask): PlannedTask {
    const plan = this.#tasks.get(block.title);
    if (plan === undefined) throw new MillraceError("not_found", `the fleet has no task '${block.title}'`);
    return plan;
  }

  #entry(key: string): Entry {
    const entry = this.#keys.get(key);
    if (entry === undefined) throw new MillraceError("not_found", `the environment does not know '${key}'`);
    return entry;
  }
}

function recordOutcome(entry: Entry, outcome: JobOutcome): void {
  entry.ended = outcome.is;
  entry.tokens = tokensOf(outcome.is === "finished" ? outcome.answer.usage : outcome.usage);
}

/** Null when nothing was spent. */
function tokensOf(usage: TokenUsage | null): number | null {
  return (usage?.tokens?.inputTokens ?? 0) || null;
}
