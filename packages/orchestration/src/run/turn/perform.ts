/**
 * Step 3 of the script: one effect through its port, its result as a command. Owns no rule about what
 * the result means. Every effect here already stands in the stored run under its key.
 */
import { answerShape, readAnswer, type AnswerShape } from "@millrace/agents";
import {
  errorTable,
  unitSchema,
  type Effect,
  type ErrorCode,
  type Hold,
  type JobRef,
  type MergeRecord,
  type PullRequestRef,
  type Run,
  type Step,
} from "@millrace/contracts";
import {
  isMillraceError,
  logFailure,
  type AgentAnswer,
  type AgentExecutor,
  type AgentTask,
  type Change,
  type JobOutcome,
  type TokenUsage,
} from "@millrace/kernel";
import { match } from "ts-pattern";
import type { AnswerProduct, Command, EffectResult, RecordedAnswer, RecordedOutcome } from "../model/command.js";
import type { Due } from "../model/due.logic.js";
import { productKey } from "../model/keys.logic.js";
import type { DecisionInput } from "../model/decision-input.js";
import type { CallEffects } from "../model/call-effect.js";
import { failingChecks } from "../rules/failing-checks.logic.js";
import { spendScopes } from "../rules/budget.logic.js";
import { KeptTexts } from "./kept-texts.js";
import { ENGINE } from "../../platform/actor.logic.js";
import { keepText } from "../../platform/keep-text.js";
import { buildTask, type TaskRequest } from "./build-task.js";
import type { OrchestrationPorts } from "../../platform/ports.js";

/** A command with the writes of its commit (outputs, usage). Null: no result yet; poll again later. */
export interface PerformResult {
  readonly command: Command | null;
  readonly writes: readonly Change[];
}

interface ResultAndWrites {
  readonly result: EffectResult;
  readonly writes: readonly Change[];
}

/** Pause after an error without `details.resetAt`, in ms: 15 minutes. */
const DEFAULT_HOLD_MS = 15 * 60_000;

export class Performer {
  readonly #ports: OrchestrationPorts;
  readonly #effects: CallEffects;
  readonly #texts: KeptTexts;

  constructor(ports: OrchestrationPorts, effects: CallEffects) {
    this.#ports = ports;
    this.#texts = new KeptTexts(ports.store);
    this.#effects = effects;
  }

  async perform(
    run: Run,
    next: Exclude<Due, { is: "rest" } | { is: "held" }>,
    input: DecisionInput,
    signal: AbortSignal,
  ): Promise<PerformResult> {
    return match(next)
      .with({ is: "effect" }, ({ effect, step, index }) =>
        this.#attempt(effect.key, () => this.#effect({ run, step, index, effect }, input, signal)),
      )
      .with({ is: "poll" }, (due) => this.#poll(run, due, input))
      .with({ is: "stop" }, async ({ job, merge }): Promise<PerformResult> => {
        if (job !== null && !(await this.#isGone(run, job))) return { command: null, writes: [] };
        const merged = merge === null ? null : await this.#landed(run, merge);
        return { command: { command: "stopped", at: this.#ports.clock.now(), actor: ENGINE, merged }, writes: [] };
      })
      .exhaustive();
  }

  /** False when the job's end could not be observed: the run stays `stopping`, and the stop is repeated. */
  async #isGone(run: Run, job: Parameters<AgentExecutor["stopJob"]>[0]): Promise<boolean> {
    try {
      await this.#ports.agents.stopJob(job);
      return true;
    } catch (error) {
      logFailure(this.#ports.log, "stop-failed", error, { runId: run.id });
      return false;
    }
  }

  async #attempt(key: string, act: () => Promise<ResultAndWrites | null>): Promise<PerformResult> {
    try {
      const returned = await act();
      if (returned === null) return { command: null, writes: [] };
      return {
        command: { command: "returned", at: this.#ports.clock.now(), actor: ENGINE, key, result: returned.result },
        writes: returned.writes,
      };
    } catch (error) {
      const held = holdOf(error, this.#ports.clock.now());
      if (held !== null) return { command: { command: "hold", at: this.#ports.clock.now(), actor: ENGINE, key, hold: held }, writes: [] };
      // An error without a code is a defect or a fault of the platform: tried again, but only as often as any other.
      const code = isMillraceError(error) ? error.code : "internal";
      const message = error instanceof Error ? error.message : "unknown error";
      const fix = isMillraceError(error) && error.fix !== null ? `; ${error.fix}` : "";
      return {
        command: {
          command: "failed",
          at: this.#ports.clock.now(),
          actor: ENGINE,
          key,
          code,
          message: `${message}${fix}`.slice(0, 4000),
          passing: isPassing(code),
        },
        writes: [],
      };
    }
  }

  async #effect(
    at: { readonly run: Run; readonly step: Step; readonly index: number; readonly effect: Effect },
    input: DecisionInput,
    signal: AbortSignal,
  ): Promise<ResultAndWrites | null> {
    const { run, step, index, effect } = at;
    const task = (request: TaskRequest["request"]): Promise<AgentTask> =>
      buildTask(this.#ports.store, this.#texts, { run, index, step, key: effect.key, request }, input);
    return match(effect.request)
      .with({ do: "ask-agent" }, async (request) => {
        const shape = answerShape(input.kinds.get(request.kind), request.participant ?? null);
        return this.#ask(run, await task(request), shape, signal);
      })
      .with({ do: "start-job" }, async (request): Promise<ResultAndWrites> => ({
        result: { of: "start-job", handle: await this.#ports.agents.startJob(await task(request)) },
        writes: [],
      }))
      .with({ do: "call" }, async ({ name, input: argument }): Promise<ResultAndWrites> => {
        const [ports, services] = [this.#ports, this.#ports];
        const context = { run, step, index, key: effect.key, input, ports, services, at: ports.clock.now() };
        const { value, writes } = await this.#effects.get(name).perform(argument, context);
        return { result: { of: "call", name, value }, writes: writes ?? [] };
      })
      .with({ do: "probe" }, async ({ pullRequest, checks }): Promise<ResultAndWrites> => {
        const { forge, repository } = this.#forgeOf(run);
        const state = await forge.read(repository, pullRequest);
        // The head is about to be replaced: its checks decide nothing, and reading them may cost a CI run.
        const wanted = checks && state.state === "open" && !state.behind && state.mergeability !== "conflicted";
        const found = wanted ? await forge.checks(repository, state.head) : [];
        // What is red without the change is no fault of the change (F:C11).
        const base = failingChecks(found).length === 0 ? {} : { baseChecks: await forge.checks(repository, state.baseHead) };
        return { result: { of: "probe", state, checks: found, ...base }, writes: [] };
      })
      .with({ do: "update-branch" }, async ({ pullRequest, head }): Promise<ResultAndWrites> => {
        const { forge, repository } = this.#forgeOf(run);
        return { result: { of: "update-branch", result: await forge.updateBranch(repository, pullRequest, head) }, writes: [] };
      })
      .with({ do: "merge" }, async ({ pullRequest, head, base }): Promise<ResultAndWrites | null> => {
        // The last look before what cannot be called back: a stop that is stored by now is kept.
        if ((await this.#ports.store.runs.revision(run.workspaceId, run.id)) !== run.revision) return null;
        const { forge, repository } = this.#forgeOf(run);
        const message = `Merge pull request #${pullRequest.number}: ${input.block.title}\n\nMillrace-Run: ${run.id}`;
        const result = await forge.merge(repository, pullRequest, { head, base }, message, effect.requestedAt);
        return { result: { of: "merge", result }, writes: [] };
      })
      .exhaustive();
  }

  /** One call, plus one repair call when the answer does not have its shape. */
  async #ask(run: Run, task: AgentTask, shape: AnswerShape | null, signal: AbortSignal): Promise<ResultAndWrites> {
    const first = await this.#ports.agents.run(task, signal);
    const recorded = await this.#recordAnswer(run, task.key, first, shape);
    const writes = [...recorded.writes, ...this.#usage(run, task.key, task.kind, first.usage)];
    if (recorded.answer.product.is !== "invalid" || first.question !== null)
      return { result: { of: "ask-agent", answer: recorded.answer }, writes };
    const repair = `Your answer could not be read: ${recorded.answer.product.issues}. Give the same answer again in the required shape.\nYour answer was:\n${first.text.slice(0, 6000)}`;
    const repairTask = {
      ...task,
      key: `${task.key}+repair`,
      briefs: [...task.briefs, { from: "millrace", text: repair }],
      userPrompt: `${task.userPrompt}\n\n${repair}`,
    };
    const second = await this.#ports.agents.run(repairTask, signal);
    const repaired = await this.#recordAnswer(run, task.key, second, shape);
    return {
      result: { of: "ask-agent", answer: repaired.answer },
      writes: [
        ...repaired.writes,
        ...this.#usage(run, task.key, task.kind, first.usage),
        ...this.#usage(run, repairTask.key, task.kind, second.usage),
      ],
    };
  }

  async #poll(run: Run, due: Extract<Due, { is: "poll" }>, input: DecisionInput): Promise<PerformResult> {
    const { job, startedAt } = due;
    return this.#attempt(job.key, async () => {
      const status = await this.#ports.agents.pollJob({ key: job.key, ref: job.ref, model: job.model });
      return status.is === "running" ? null : this.#recordOutcome(run, job, status.outcome, input);
    }).then((tried) => {
      const at = this.#ports.clock.now();
      // A job is not held: it has worked, and is asked again until it is too late.
      const result: PerformResult = tried.command?.command === "hold" ? { command: null, writes: [] } : tried;
      if (result.command !== null || at - startedAt < input.patience.jobMs) return result;
      const minutes = Math.round(input.patience.jobMs / 60_000);
      return {
        command: { command: "timed-out", at, actor: ENGINE, key: job.key, message: `the ${job.kind} job ran longer than ${minutes} min` },
        writes: [],
      };
    });
  }

  async #recordOutcome(run: Run, job: JobRef, outcome: JobOutcome, input: DecisionInput): Promise<ResultAndWrites> {
    if (outcome.is !== "finished") return { result: { of: "job", outcome }, writes: [] };
    const shape = answerShape(input.kinds.get(job.kind), null);
    const { answer, writes } = await this.#recordAnswer(run, job.key, outcome.answer, shape);
    const recorded: RecordedOutcome = { is: "finished", answer, observed: outcome.observed };
    return { result: { of: "job", outcome: recorded }, writes: [...writes, ...this.#usage(run, job.key, job.kind, outcome.answer.usage)] };
  }

  async #recordAnswer(
    run: Run,
    key: string,
    answer: AgentAnswer,
    shape: AnswerShape | null,
  ): Promise<{ readonly answer: RecordedAnswer; readonly writes: readonly Change[] }> {
    const read = shape === null || answer.question !== null ? null : readAnswer(shape.schema, answer);
    const product: AnswerProduct =
      read === null ? { is: "none" } : read.ok ? { is: "valid", value: read.value } : { is: "invalid", issues: read.issues };
    // People and companions read an artifact, not the transcript it came in.
    const text = product.is === "valid" && shape !== null ? (shape.render(product.value) ?? answer.text) : answer.text;
    const { workspaceId, id: runId } = run;
    const { output, write } = await keepText(this.#ports, { workspaceId, runId, key, text });
    this.#texts.remember(output, text);
    const rendered = product.is === "valid" && text !== answer.text;
    return {
      answer: { output, excerpt: answer.text.slice(0, 2000), product, question: answer.question, model: answer.model },
      writes: [
        write,
        ...(rendered
          ? [{ change: "put-output", workspaceId, runId, key: productKey(key), text: JSON.stringify(product.value) } as const]
          : []),
        ...confidenceOf(run, answer),
      ],
    };
  }

  /** Record of a requested merge that landed, else null; a queued one is withdrawn. A missing pull request counts as not landed. */
  async #landed(run: Run, pullRequest: PullRequestRef): Promise<MergeRecord | null> {
    const { forge, repository } = this.#forgeOf(run);
    const withdrawAndRead = async () => {
      await forge.withdraw(repository, pullRequest);
      return forge.read(repository, pullRequest);
    };
    const state = await withdrawAndRead().catch((error: unknown) => {
      if (isMillraceError(error, "not_found") || isMillraceError(error, "repository_missing")) return null;
      throw error;
    });
    if (state === null || state.mergedAs === null) return null;
    return { pullRequest, commit: state.mergedAs, head: state.head, base: state.baseHead, at: this.#ports.clock.now(), runId: run.id };
  }

  #usage(run: Run, key: string, kind: string, usage: TokenUsage | null): readonly Change[] {
    if (usage === null) return [];
    const at = this.#ports.clock.now();
    return [
      {
        change: "record-usage",
        usage: { ...usage, key, workspaceId: run.workspaceId, runId: run.id, kind, at },
        scopes: spendScopes(run, at),
      },
    ];
  }

  #forgeOf(run: Run): {
    readonly forge: ReturnType<OrchestrationPorts["forges"]["get"]>;
    readonly repository: NonNullable<Run["repository"]>;
  } {
    const { repository } = run;
    if (repository === null) throw new TypeError("start refuses runs with forge steps on a block without a repository");
    return { forge: this.#ports.forges.get(repository.forge), repository };
  }
}

/** An agent's word on itself is kept where it is one. */
function confidenceOf(run: Run, { confidence }: AgentAnswer): readonly Change[] {
  const parsed = unitSchema.safeParse(confidence);
  if (!parsed.success) return [];
  return [{ change: "patch-block", workspaceId: run.workspaceId, id: run.blockId, patch: { confidence: parsed.data } }];
}

/**
 * True if the same effect is worth another try. Beside the codes that pass by themselves: after `stale_revision` the effect reads the newer
 * state, and `internal` may be a fault of the platform as well as a defect.
 */
function isPassing(code: ErrorCode): boolean {
  return errorTable[code].retry === "passing" || code === "stale_revision" || code === "internal";
}

function holdOf(error: unknown, now: number): Hold | null {
  if (!isMillraceError(error)) return null;
  const because = errorTable[error.code].holds;
  if (because === undefined) return null;
  const resetAt = error.details["resetAt"];
  const until = typeof resetAt === "number" && Number.isInteger(resetAt) && resetAt > now ? resetAt : now + DEFAULT_HOLD_MS;
  return { because, until, message: error.message.slice(0, 2000) };
}
