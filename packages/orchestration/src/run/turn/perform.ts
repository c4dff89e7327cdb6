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
  type Run,
  type Step,
} from "@millrace/contracts";
import {
  isAgentCallError,
  isMillraceError,
  logFailure,
  type AgentAnswer,
  type AgentTask,
  type Change,
  type Clock,
  type JobOutcome,
  type TokenUsage,
} from "@millrace/kernel";
import { match } from "ts-pattern";
import type { AnswerProduct, Command, EffectResult, RecordedAnswer, RecordedOutcome } from "../model/command.js";
import { callInFlight, currentStep, type Due } from "../model/due.logic.js";
import { productKey, repairKey } from "../model/keys.logic.js";
import { OUTAGE_PAUSE_MS, type DecisionInput } from "../model/decision-input.js";
import type { CallEffects } from "../model/call-effect.js";
import { failingChecks } from "../rules/failing-checks.logic.js";
import { settlement, type UsedCall } from "../rules/usage.logic.js";
import { Attention } from "./attention.js";
import { KeptTexts } from "./kept-texts.js";
import { isMissing, readLanding } from "./read-landing.js";
import { stopCalls } from "./stop-calls.js";
import { ENGINE } from "../../platform/actor.logic.js";
import { keepText } from "../../platform/keep-text.js";
import { buildTask, type TaskRequest } from "./build-task.js";
import type { OrchestrationPorts } from "../../platform/ports.js";

/** A command with the writes of its commit. Null: no result yet; poll again later. */
export interface PerformResult {
  readonly command: Command | null;
  readonly writes: readonly Change[];
  /** Settles what was spent, whatever is decided about the command. */
  readonly usage: readonly Change[];
}

interface ResultAndWrites {
  readonly result: EffectResult;
  readonly writes: readonly Change[];
}

/** How long a job may be out of sight, beside its patience, before it counts as overdue: a day. */
const MAX_ABSENCE_MS = 24 * 60 * 60_000;

export class Performer {
  readonly #ports: OrchestrationPorts;
  readonly #effects: CallEffects;
  readonly #texts: KeptTexts;
  readonly #attention = new Attention();

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
        this.#looked(
          effect.key,
          input,
          this.#attempt(run, effect.key, (meter) => this.#effect({ run, step, index, effect }, input, meter, signal)).then((result) =>
            this.#seenToEnd(run, effect, result),
          ),
        ),
      )
      .with({ is: "poll" }, (due) => this.#poll(run, due, input))
      .with({ is: "stop" }, (due) => this.#stop(run, due, input))
      .exhaustive();
  }

  /**
   * The end of a run, once its job was seen to end, or could not be seen to for as long as patience goes, and the forge was asked for its change. A forge that does not answer is asked again
   * while a merge is in flight, for as long as a gate is waited for; otherwise the run ends, and the next look at its task learns it.
   */
  async #stop(run: Run, due: Extract<Due, { is: "stop" }>, input: DecisionInput): Promise<PerformResult> {
    const meter = new Meter(run, this.#ports.clock);
    const isGone = due.job === null || (await this.#isGone(run, due.job, meter));
    const at = this.#ports.clock.now();
    const { maxRetryMs, stopMs } = input.patience;
    if (!isGone && this.#attention.record(`${run.id}/stop`, at, maxRetryMs) < stopMs) return { command: null, writes: [], usage: [] };
    // Its reservation is spent: what it used is unknown, and it may go on.
    if (!isGone && due.job !== null) meter.settle(due.job, null);
    const stopped = (merged: MergeRecord | null): PerformResult => ({
      command: { command: "stopped", at, actor: ENGINE, merged, ...(isGone ? {} : { unseen: due.job }) },
      writes: [],
      usage: meter.changes,
    });
    const { pullRequest, isMerging } = due;
    if (pullRequest === null || input.block.merged !== null) return stopped(null);
    const { forge, repository } = this.#forgeOf(run);
    try {
      // A queued merge of ours is taken back first; one that people queued is theirs.
      if (isMerging) await forge.withdraw(repository, pullRequest);
      return stopped(await readLanding(this.#ports, { repository, branch: pullRequest.branch, runId: run.id }));
    } catch (error) {
      if (isMerging && isMissing(error)) return stopped(null);
      logFailure(this.#ports.log, "look-failed", error, { runId: run.id });
      return isMerging && at - due.since < input.patience.gateMs ? { command: null, writes: [], usage: meter.changes } : stopped(null);
    }
  }

  /**
   * Ends the call that a run may have in flight, and sees its end; a held one may have been made by another process. Returns what settles
   * it; null when its end could not be observed.
   */
  async endCall(run: Run): Promise<readonly Change[] | null> {
    const call = callInFlight(currentStep(run));
    const meter = new Meter(run, this.#ports.clock);
    return call === null || (await this.#isGone(run, call, meter)) ? meter.changes : null;
  }

  /**
   * A call of an agent that failed for good was maybe made before, by a process that died with its reply: it is seen to end, and what it
   * spent is settled (F:B1). A failure whose end cannot be observed is one more try.
   */
  async #seenToEnd(run: Run, { request }: Effect, result: PerformResult): Promise<PerformResult> {
    const { command, usage } = result;
    if (request.do !== "ask-agent" || command?.command !== "failed" || command.passing || usage.length > 0) return result;
    const settled = await this.endCall(run);
    return settled === null ? { ...result, command: { ...command, passing: true } } : { ...result, usage: settled };
  }

  /** False when the job's end could not be observed: the run stays `stopping`, and the stop is repeated. */
  async #isGone(run: Run, job: JobRef, meter: Meter): Promise<boolean> {
    try {
      const { activity } = currentStep(run);
      const isCall = activity.is === "effect" && activity.effect.request.do === "ask-agent";
      for (const { call, usage } of await stopCalls(this.#ports.agents, job, isCall ? "call" : "job")) meter.settle(call, usage);
      return true;
    } catch (error) {
      logFailure(this.#ports.log, "stop-failed", error, { runId: run.id });
      return false;
    }
  }

  /** The result of an effect, with how long it has been looked at by now. */
  async #looked(key: string, { patience }: DecisionInput, attempt: Promise<PerformResult>): Promise<PerformResult> {
    const result = await attempt;
    if (result.command?.command !== "returned") return result;
    return { ...result, command: { ...result.command, lookedMs: this.#attention.record(key, result.command.at, patience.gatePollMs) } };
  }

  async #attempt(run: Run, key: string, act: (meter: Meter) => Promise<ResultAndWrites | null>): Promise<PerformResult> {
    const meter = new Meter(run, this.#ports.clock);
    const { command, writes } = await this.#tried(key, () => act(meter));
    return { command, writes, usage: meter.changes };
  }

  async #tried(key: string, act: () => Promise<ResultAndWrites | null>): Promise<Omit<PerformResult, "usage">> {
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
      // Redacted before it is cut: half a secret has no shape.
      const { redact = (text: string): string => text } = this.#ports;
      return {
        command: {
          command: "failed",
          at: this.#ports.clock.now(),
          actor: ENGINE,
          key,
          code,
          message: redact(`${message}${fix}`).slice(0, 4000),
          passing: isPassing(code),
        },
        writes: [],
      };
    }
  }

  async #effect(
    at: { readonly run: Run; readonly step: Step; readonly index: number; readonly effect: Effect },
    input: DecisionInput,
    meter: Meter,
    signal: AbortSignal,
  ): Promise<ResultAndWrites | null> {
    const { run, step, index, effect } = at;
    const task = (request: TaskRequest["request"]): Promise<AgentTask> =>
      buildTask(this.#ports.store, this.#texts, { run, index, step, key: effect.key, request }, input);
    return match(effect.request)
      .with({ do: "ask-agent" }, async (request) => {
        const shape = answerShape(input.kinds.get(request.kind), request.participant ?? null);
        return this.#ask(run, await task(request), shape, meter, signal);
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
      .with({ do: "probe" }, async ({ pullRequest, checks, diff, evenBehind }): Promise<ResultAndWrites> => {
        const { forge, repository } = this.#forgeOf(run);
        const state = await forge.read(repository, pullRequest);
        // The head is about to be replaced: its checks decide nothing, and reading them may cost a CI run.
        const isJudged = evenBehind === true || !state.behind;
        const wanted = checks && state.state === "open" && isJudged && state.mergeability !== "conflicted";
        const found = wanted ? await forge.checks(repository, state.head) : [];
        // What is red without the change is no fault of the change (F:C11).
        const base = failingChecks(found).length === 0 ? {} : { baseChecks: await forge.checks(repository, state.baseHead) };
        const range = { base: state.baseHead, head: state.head };
        const digest = diff === true && state.state === "open" ? await forge.diffDigest(repository, range) : null;
        return { result: { of: "probe", state, checks: found, diff: digest, ...base }, writes: [] };
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
  async #ask(run: Run, task: AgentTask, shape: AnswerShape | null, meter: Meter, signal: AbortSignal): Promise<ResultAndWrites> {
    const first = await this.#call(task, meter, signal);
    const recorded = await this.#recordAnswer(run, task.key, first, shape);
    if (recorded.answer.product.is !== "invalid" || first.question !== null)
      return { result: { of: "ask-agent", answer: recorded.answer }, writes: recorded.writes };
    const repair = `Your answer could not be read: ${recorded.answer.product.issues}. Give the same answer again in the required shape.\nYour answer was:\n${first.text.slice(0, 6000)}`;
    const repairTask = {
      ...task,
      key: repairKey(task.key),
      briefs: [...task.briefs, { from: "millrace", text: repair }],
      userPrompt: `${task.userPrompt}\n\n${repair}`,
    };
    const second = await this.#call(repairTask, meter, signal);
    const repaired = await this.#recordAnswer(run, task.key, second, shape);
    return { result: { of: "ask-agent", answer: repaired.answer }, writes: repaired.writes };
  }

  async #call(task: AgentTask, meter: Meter, signal: AbortSignal): Promise<AgentAnswer> {
    try {
      const answer = await this.#ports.agents.run(task, signal);
      meter.settle({ ...task, model: answer.model }, answer.usage);
      return answer;
    } catch (error) {
      if (isAgentCallError(error)) meter.settle(task, error.usage);
      throw error;
    }
  }

  /** A job that is seen at work for longer than its patience is overdue, and one that nothing could be seen of for a day. */
  async #poll(run: Run, { job, startedAt }: Extract<Due, { is: "poll" }>, input: DecisionInput): Promise<PerformResult> {
    const { jobMs, jobPollMs } = input.patience;
    let lookedMs = 0;
    const tried = await this.#attempt(run, job.key, async (meter) => {
      const status = await this.#ports.agents.pollJob({ key: job.key, ref: job.ref, model: job.model });
      if (status.is === "running") {
        lookedMs = this.#attention.record(job.key, this.#ports.clock.now(), jobPollMs);
        return null;
      }
      meter.settle(job, usageOf(status.outcome));
      return this.#recordOutcome(run, job, status.outcome, input);
    });
    const at = this.#ports.clock.now();
    // A job is not held: it has worked, and is asked again.
    const result: PerformResult = tried.command?.command === "hold" ? { ...tried, command: null } : tried;
    if (result.command !== null || (lookedMs < jobMs && at - startedAt < jobMs + MAX_ABSENCE_MS)) return result;
    const message = `the ${job.kind} job ran longer than ${Math.round(jobMs / 60_000)} min`;
    return { command: { command: "timed-out", at, actor: ENGINE, key: job.key, message }, writes: [], usage: tried.usage };
  }

  async #recordOutcome(run: Run, job: JobRef, outcome: JobOutcome, input: DecisionInput): Promise<ResultAndWrites> {
    if (outcome.is !== "finished") {
      const { usage: _settled, ...recorded } = outcome;
      return { result: { of: "job", outcome: recorded }, writes: [] };
    }
    const shape = answerShape(input.kinds.get(job.kind), null);
    const { answer, writes } = await this.#recordAnswer(run, job.key, outcome.answer, shape);
    const recorded: RecordedOutcome = { is: "finished", answer, observed: outcome.observed };
    return { result: { of: "job", outcome: recorded }, writes };
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

  #forgeOf(run: Run): {
    readonly forge: ReturnType<OrchestrationPorts["forges"]["get"]>;
    readonly repository: NonNullable<Run["repository"]>;
  } {
    const { repository } = run;
    if (repository === null) throw new TypeError("start refuses runs with forge steps on a block without a repository");
    return { forge: this.#ports.forges.get(repository.forge), repository };
  }
}

/** Collects what the calls of one effect used, those that failed too. */
class Meter {
  readonly changes: Change[] = [];
  readonly #run: Run;
  readonly #clock: Clock;

  constructor(run: Run, clock: Clock) {
    this.#run = run;
    this.#clock = clock;
  }

  settle({ key, kind, model }: UsedCall, usage: TokenUsage | null): void {
    this.changes.push(...settlement(this.#run, { key, kind, model }, usage, this.#clock.now()));
  }
}

function usageOf(outcome: JobOutcome): TokenUsage | null {
  return outcome.is === "finished" ? outcome.answer.usage : outcome.usage;
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
  const until = typeof resetAt === "number" && Number.isInteger(resetAt) && resetAt > now ? resetAt : now + OUTAGE_PAUSE_MS;
  return { because, since: now, until, message: error.message.slice(0, 2000) };
}
