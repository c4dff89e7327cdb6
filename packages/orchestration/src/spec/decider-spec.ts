/**
 * Given / when / then over the decider, without a store: a run is started, things happen to it, and what became of it is compared.
 * Every command goes through `decide` and every event through `evolve`, so a state that no command leads to cannot be set up.
 */
import {
  runEventRecordSchema,
  runSchema,
  type EffectRequest,
  type HumanWait,
  type Run,
  type RunEventBody,
  type StepState,
} from "@millrace/contracts";
import { isMillraceError, type Change, type MillraceError } from "@millrace/kernel";
import { consequences } from "../run/decide/consequences.logic.js";
import { decide } from "../run/decide/decide.logic.js";
import { ENGINE } from "../platform/actor.logic.js";
import type { Command } from "../run/model/command.js";
import type { DecisionInput } from "../run/model/decision-input.js";
import { currentStep, due, openWait, type Due } from "../run/model/due.logic.js";
import type { Registries } from "../run/model/evolve.logic.js";
import { createRegistries, type Registrations } from "../steps/registry.js";
import { decisionInput, newRun, testUser, type SpecStep } from "./defaults.js";
import { differences, type Expected } from "./differences.logic.js";
import { keyOf, type Stimulus } from "./stimuli.js";

/** Start of a specification: registrations, the run, and the inputs of its decisions. */
export interface SpecOptions extends Registrations {
  /** Fields of the run that starts. Default: a run of task `blk_1`, without a pull request, started at 1,000 ms. */
  readonly run?: Partial<Run>;
  /** Input of the decider beside the run: task, preset, settings, capabilities. Default: an empty workspace without outside services. */
  readonly input?: Partial<DecisionInput>;
}

/** Expected state of a run. Members and fields that are left out are not compared. */
export interface Expectation {
  /** Agent kind and activity of every step: `coder:done ci:effect`. */
  readonly summary?: string;
  /** `{ is: "live" }`, `{ is: "done" }`, `{ is: "failed", failure: { code: "timed_out" } }`. */
  readonly phase?: Expected<Run["phase"]>;
  /** Requested effect of the current step; null without one. */
  readonly request?: Expected<EffectRequest> | null;
  /** The wait that is open; null: none is. */
  readonly wait?: Expected<HumanWait> | null;
  /** State of the current step. */
  readonly state?: Readonly<Record<string, unknown>>;
  /** Every event of the last command, in order: its type, or some of its fields. */
  readonly events?: readonly (RunEventBody["type"] | Expected<RunEventBody>)[];
}

/** Thrown by `then` and `refuses`: one line for each difference, and both sides for test runners that show them. */
export class UnmetExpectation extends Error {
  override readonly name = "UnmetExpectation";
  readonly expected: unknown;
  readonly actual: unknown;

  constructor(message: string, expected: unknown, actual: unknown) {
    super(message);
    this.expected = expected;
    this.actual = actual;
  }
}

/** One run and everything that has happened to it. `when` changes it in place: a second ending needs a second `given`. */
export class DeciderSpec {
  readonly #registries: Registries;
  #run: Run;
  #events: readonly RunEventBody[] = [];
  #changes: readonly Change[] = [];
  #pollAgain = false;
  /** Input of the decider beside the run, from the next command on. */
  input: DecisionInput;
  /** The time of the next command, in ms. Starts as the run's `startedAt`. */
  now: number;

  /** Use `given`. */
  constructor(run: Run, input: DecisionInput, registries: Registries) {
    this.#registries = registries;
    this.#run = run;
    this.input = input;
    this.now = run.startedAt;
    this.#decide(null, { command: "start", at: run.startedAt, actor: testUser, run });
  }

  get run(): Run {
    return this.#run;
  }

  /** Events of the last command; after `given`, those of the start. A job that is started and returns is two commands. */
  get events(): readonly RunEventBody[] {
    return this.#events;
  }

  /** Changes of the last command outside the run, in the same commit: notifications, the task's block. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  /** True if the last result was "not yet": the effect is performed again after the poll interval. */
  get pollAgain(): boolean {
    return this.#pollAgain;
  }

  /** Key of the effect or job in the state; empty when there is none. */
  get key(): string {
    return keyOf(this.#run);
  }

  /** Agent kind and activity of every step: `coder:done ci:effect`. */
  get summary(): string {
    return summaryOf(this.#run);
  }

  get phase(): Run["phase"] {
    return this.#run.phase;
  }

  /** Requested effect of the current step; null without one. */
  get request(): EffectRequest | null {
    const { activity } = currentStep(this.#run);
    return activity.is === "effect" ? activity.effect.request : null;
  }

  /** The wait that is open; null: none is. */
  get wait(): HumanWait | null {
    return openWait(this.#run);
  }

  /** State of the current step. */
  get state(): StepState {
    return currentStep(this.#run).state;
  }

  /** Time passes, in ms; nothing happens to the run meanwhile. */
  after(ms: number): this {
    this.now += ms;
    return this;
  }

  /**
   * These happen, one after the other. A run that fails with a pull request that is not merged also sees that, and ends.
   *
   * @throws MillraceError when the decider refuses a command; `refuses` expects that.
   */
  when(...stimuli: readonly (Stimulus | Command)[]): this {
    for (const stimulus of stimuli) {
      const commands = typeof stimulus === "function" ? stimulus(this.#run, this.now) : [stimulus];
      for (const command of commands) this.#handle(command);
    }
    return this;
  }

  /** @throws UnmetExpectation when the run is not as expected. */
  then(expected: Expectation): this {
    const { summary, phase, request, wait, state, events } = this;
    const actual = { summary, phase, request, wait, state, events };
    const named = expected.events?.map((event) => (typeof event === "string" ? { type: event } : event));
    const found = differences(named === undefined ? expected : { ...expected, events: named }, actual);
    if (found.length > 0) throw new UnmetExpectation(`the run is not as expected:\n  ${found.join("\n  ")}`, expected, actual);
    return this;
  }

  /**
   * This is refused, and the run stays as it was. Returns the refusal.
   *
   * @throws UnmetExpectation when it is accepted, or refused with another code.
   */
  refuses(stimulus: Stimulus | Command, code?: MillraceError["code"]): MillraceError {
    try {
      this.when(stimulus);
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      if (code !== undefined && error.code !== code)
        throw new UnmetExpectation(`expected a refusal with '${code}', it is '${error.code}': ${error.message}`, code, error.code);
      return error;
    }
    throw new UnmetExpectation("expected a refusal, it was accepted", code ?? "a refusal", this.#events);
  }

  /** A run that fails looks at its pull request before it ends. Here nobody has merged it, unless a specification says so itself. */
  #handle(command: Command): void {
    this.#decide(this.#run, command);
    const next = due(this.#run);
    if (next.is !== "stop" || next.pullRequest === null || !isSettledBy(command, next)) return;
    const [events, changes] = [this.#events, this.#changes];
    this.#decide(this.#run, { command: "stopped", at: this.now, actor: ENGINE });
    this.#events = [...events, ...this.#events];
    this.#changes = [...changes, ...this.#changes];
  }

  #decide(before: Run | null, command: Command): void {
    const decision = decide(before, command, this.input, this.#registries);
    // Stored documents must be readable again: a store refuses an event or a run that does not have its shape.
    runSchema.parse(decision.run);
    for (const event of decision.events) runEventRecordSchema.parse(event);
    const { events, pollAgain } = decision;
    const transition = { before, after: decision.run, events, pollAgain, at: this.now };
    this.#run = decision.run;
    this.#pollAgain = pollAgain;
    this.#events = events.map((entry) => entry.event);
    this.#changes = consequences(transition, this.input, this.#registries.stepKinds);
  }
}

/** True if nothing the run had in flight may still take effect after this command. */
function isSettledBy(command: Command, { job, isMerging }: Extract<Due, { is: "stop" }>): boolean {
  if (command.command === "returned") return command.result.of !== "merge" || command.result.result.is !== "sent";
  return command.command !== "stop" && job === null && !isMerging;
}

/** Agent kind and activity of every step: `coder:done ci:effect`. */
export function summaryOf(run: Run): string {
  return run.steps.map((step) => `${step.definition.kind}:${step.activity.is}`).join(" ");
}

/** A run of these steps that was just started. */
export function given(steps: readonly SpecStep[], options: SpecOptions = {}): DeciderSpec {
  const registries = createRegistries(options);
  return new DeciderSpec(newRun(steps, options.run, registries), decisionInput({ kinds: registries.kinds, ...options.input }), registries);
}
