/**
 * Given / when / then over the decider, without a store: a run that is started, told commands and looked at. Commands go
 * through `decide` and every event through `evolve`, so a state that no command leads to cannot be set up by accident.
 */
import { builtInAgentKinds, createAgentKinds } from "@millrace/agents";
import {
  checkPolicySchema,
  runEventRecordSchema,
  runSchema,
  stepDefinitionSchema,
  workspaceSettingsSchema,
  type Actor,
  type Block,
  type Check,
  type HumanAnswer,
  type HumanWait,
  type MergePreset,
  type OutputRef,
  type PullRequestRef,
  type Run,
  type RunEventBody,
  type StepDefinition,
  type WorkObservation,
} from "@millrace/contracts";
import { isMillraceError, type Change, type PullRequestState } from "@millrace/kernel";
import type { z } from "zod";
import { emptyBlock } from "../../platform/empty-block.js";
import { builtInGates, builtInStepKinds } from "../../steps/registry.js";
import type { Command, EffectResult, RecordedAnswer } from "../model/command.js";
import { consequences } from "./consequences.logic.js";
import { decide } from "./decide.logic.js";
import { currentStep, openWait } from "../model/due.logic.js";
import { freshStep, type Registries } from "../model/evolve.logic.js";
import { DEFAULT_PATIENCE, type DecisionInput } from "../model/decision-input.js";
import { createStepKinds, defineStepKind, type StepKinds } from "../model/step-kind.js";

export const registries: Registries = {
  kinds: createAgentKinds(builtInAgentKinds),
  stepKinds: createStepKinds(builtInStepKinds(builtInGates)),
};
export const ada: Actor = { type: "human", id: "ada" };
export const engine: Actor = { type: "system", id: "millrace" };
export const pullRequest: PullRequestRef = { id: "pr7", number: 7, url: "https://forge.invalid/7", branch: "work", base: "main" };

/** A commit, told from others by one hex digit. */
export const sha = (digit: string): string => digit.repeat(40);
export const output = (digest: string): OutputRef => ({ key: `out/${digest}`, digest, chars: 3 });

export const block: Block = emptyBlock({
  id: "blk_1",
  workspaceId: "ws_1",
  level: "task",
  parentId: "blk_0",
  title: "a task",
  createdAt: 1,
});
/** A wait as a step kind is handed it when somebody answers. */
export function openWaitOn(on: HumanWait["on"]): HumanWait {
  return { id: "w", on, question: "?", options: [], subject: "d", output: null, approvers: 1, approvedBy: [], openedAt: 1 };
}
export const preset: MergePreset = {
  id: "pre_1",
  workspaceId: "ws_1",
  name: "Balanced",
  maxComplexity: 0.5,
  maxRisk: 0.4,
  maxImpact: 0.5,
  ciMaxAttempts: 2,
  maxReviewIterations: 2,
  toleratedConcern: "none",
  releaseWatchMinutes: 30,
  releaseMaxAttempts: 1,
  isDefault: true,
};

export function inputWith(patch: Partial<DecisionInput> = {}): DecisionInput {
  return {
    block,
    service: null,
    settings: workspaceSettingsSchema.parse({}),
    capabilities: { environments: false, tracker: false, releases: false, localTestInfrastructure: true },
    preset,
    checkPolicy: checkPolicySchema.parse({}),
    checkPolicyDigest: "policy-1",
    models: new Map(),
    kinds: registries.kinds,
    patience: DEFAULT_PATIENCE,
    ...patch,
  };
}

type Definition = z.input<typeof stepDefinitionSchema>;
export const definition = (input: Definition | string): StepDefinition =>
  stepDefinitionSchema.parse(typeof input === "string" ? { kind: input } : input);

/** A run that has not entered its first step. */
export function runOf(steps: readonly (Definition | string)[], patch: Partial<Run> = {}): Run {
  return runSchema.parse({
    id: "run_1",
    workspaceId: "ws_1",
    blockId: "blk_1",
    pipeline: { id: "pl_1", name: "Test", digest: "digest" },
    flags: [],
    initiatedBy: ada,
    supersedes: null,
    repository: { forge: "memory", id: "sample", base: "main" },
    pullRequest: null,
    merged: null,
    estimate: null,
    startedAt: 1000,
    finishedAt: null,
    steps: steps.map((step) => freshStep(definition(step), registries)),
    cursor: 0,
    phase: { is: "live" },
    revision: 1,
    ...patch,
  } satisfies Run);
}

export function answer(text: string, patch: Partial<RecordedAnswer> = {}): RecordedAnswer {
  return { output: output(text), excerpt: text, product: { is: "none" }, question: null, model: "model-1", ...patch };
}

export const valid = (value: unknown): Partial<RecordedAnswer> => ({ product: { is: "valid", value } });

export function observed(patch: Partial<WorkObservation> = {}): WorkObservation {
  return {
    branch: "work",
    headBefore: sha("1"),
    headAfter: sha("2"),
    commits: 1,
    treeChanged: true,
    uncommitted: [],
    rewritten: false,
    foreignCommits: [],
    strayRefs: [],
    outsideScope: [],
    conflictMarkers: [],
    remoteHead: sha("2"),
    pullRequest,
    exit: { code: 0, signal: null },
    turn: "completed",
    claims: { pullRequestUrl: null, commit: null },
    ...patch,
  };
}

/** What is seen of an agent that only read. */
export const untouched: WorkObservation = observed({ commits: 0, treeChanged: false, headAfter: sha("1"), remoteHead: sha("1") });

export const finished = (text: string, seen: WorkObservation | null = observed(), patch: Partial<RecordedAnswer> = {}): EffectResult => ({
  of: "job",
  outcome: { is: "finished", answer: answer(text, patch), observed: seen },
});
export const lost = (transient: boolean, message = "gone"): EffectResult => ({ of: "job", outcome: { is: "lost", transient, message } });

export function check(conclusion: Check["conclusion"], name = "test", summary: string | null = null): Check {
  return { name, status: conclusion === null ? "in_progress" : "completed", conclusion, url: null, completedAt: null, summary };
}

/** A clean, current, open pull request at `sha("2")` on `sha("b")`. */
export function probe(state: Partial<PullRequestState> = {}, checks: readonly Check[] = [check("success")]): EffectResult {
  return {
    of: "probe",
    state: {
      state: "open",
      head: sha("2"),
      baseHead: sha("b"),
      behind: false,
      mergeability: "clean",
      conflicts: [],
      mergedAs: null,
      ...state,
    },
    checks,
  };
}

/** A run and everything that happened to it so far. */
export class Play {
  input: DecisionInput;
  run: Run;
  at = 1000;
  /** Outside the run, in the commit of the last command. */
  changes: readonly Change[] = [];
  #again = false;

  constructor(run: Run, input: DecisionInput) {
    this.input = input;
    const decision = decide(null, { command: "start", at: run.startedAt, actor: ada, run }, input, registries);
    this.run = decision.run;
    this.#take(null, decision);
  }

  /** @returns the events of this command. */
  tell(command: Command): readonly RunEventBody[] {
    const before = this.run;
    const decision = decide(before, command, this.input, registries);
    this.run = decision.run;
    return this.#take(before, decision);
  }

  /** The effect or job in the state came back. */
  returns(result: EffectResult): readonly RunEventBody[] {
    return this.tell({ command: "returned", at: this.at, actor: engine, key: this.key, result });
  }

  /** The job in the state is started and comes back. */
  works(result: EffectResult): readonly RunEventBody[] {
    this.returns({ of: "start-job", handle: { key: this.key, ref: "ref", model: null } });
    return this.returns(result);
  }

  fails(passing: boolean, code = "model_failed"): readonly RunEventBody[] {
    return this.tell({ command: "failed", at: this.at, actor: engine, key: this.key, code, message: "broken", passing });
  }

  /** A person who saw what is shown answers the open wait. */
  answers(reply: HumanAnswer, by = "ada"): readonly RunEventBody[] {
    const wait = openWait(this.run);
    return this.tell({
      command: "answer",
      at: this.at,
      actor: { type: "human", id: by },
      wait: wait?.id ?? "",
      subject: wait?.subject ?? "",
      answer: reply,
    });
  }

  stop(as: "failed" | "cancelled", reason = "enough"): readonly RunEventBody[] {
    return this.tell({ command: "stop", at: this.at, actor: ada, as, reason });
  }

  stopped(): readonly RunEventBody[] {
    return this.tell({ command: "stopped", at: this.at, actor: engine });
  }

  /** Key of the effect or job in the state; empty when there is none. */
  get key(): string {
    const { activity } = currentStep(this.run);
    return activity.is === "effect" ? activity.effect.key : activity.is === "job" ? activity.job.key : "";
  }

  get again(): boolean {
    return this.#again;
  }

  /** `coder:done ci:effect`: the steps at a glance. */
  get glance(): string {
    return this.run.steps.map((step) => `${step.definition.kind}:${step.activity.is}`).join(" ");
  }

  #take(before: Run | null, decision: ReturnType<typeof decide>): readonly RunEventBody[] {
    this.#again = decision.again;
    // What is stored must be readable again: a store refuses an event or a run that does not have its shape.
    runSchema.parse(decision.run);
    for (const event of decision.events) runEventRecordSchema.parse(event);
    const { events, again } = decision;
    this.changes = consequences({ before, after: decision.run, events, again, at: this.at }, this.input, registries.stepKinds);
    return events.map((entry) => entry.event);
  }
}

export function play(steps: readonly (Definition | string)[], patch: Partial<Run> = {}, input: Partial<DecisionInput> = {}): Play {
  return new Play(runOf(steps, patch), inputWith(input));
}

/** An inline step kind that leaves out everything a step kind may leave out. */
export function bareInlineKinds(): StepKinds {
  const { name, state, fact, ...full } = registries.stepKinds.get("inline");
  return createStepKinds([
    defineStepKind({
      name,
      state,
      fact,
      initial: (...given) => full.initial(...given),
      fold: (...given) => full.fold(...given),
      enter: (...given) => full.enter(...given),
      onResult: (...given) => full.onResult(...given),
      answered: (...given) => full.answered(...given),
    }),
  ]);
}

/** The refusal's code, checked to say what to do about it when `fix` is asked for. */
export function refusal(act: () => unknown): { readonly code: string; readonly fix: boolean } {
  try {
    act();
  } catch (error) {
    if (isMillraceError(error)) return { code: error.code, fix: error.fix !== null && error.fix !== "" };
    throw error;
  }
  return { code: "accepted", fix: false };
}
