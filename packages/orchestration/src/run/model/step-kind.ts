import type { AgentKind } from "@millrace/agents";
import type {
  Block,
  BlockStatus,
  EventDescription,
  EffectRequest,
  Estimate,
  EventText,
  FailureKind,
  Hold,
  HumanAnswer,
  HumanWait,
  MergeRecord,
  OutputRef,
  PullRequestRef,
  Revision,
  StepState,
  Run,
  Step,
  StepDefinition,
  StepFact,
  StepStateView,
} from "@millrace/contracts";
import { MillraceError, type AgentRequest, type Change } from "@millrace/kernel";
import type { z } from "zod";
import type { CallEffect } from "./call-effect.js";
import type { EffectResult } from "./command.js";
import type { DecisionInput } from "./decision-input.js";

/** Everything a step kind sees when it decides. Read-only. */
export interface StepContext {
  readonly run: Run;
  /** Position of the step in the run, from 0. */
  readonly index: number;
  readonly step: Step;
  readonly input: DecisionInput;
  /** Time of the command, in epoch ms. */
  readonly at: number;
  /** Time in which the effect in flight was looked at, in ms: patience counts no other. Default: not known. */
  readonly lookedMs?: number | undefined;
}

/** A question to people that parks the run until it is answered. */
export interface WaitRequest {
  /** Name of the wait: one that the step kind declares in `waits`. */
  readonly on: string;
  /** At most 8,000 characters. */
  readonly question: string;
  /** Answers on offer, for a wait that takes `choose`; empty for free text and for every other wait. */
  readonly options: readonly string[];
  /** Digest of exactly what people are shown; an answer must name it. */
  readonly subject: string;
  /** The text people judge; null when there is none. */
  readonly output: OutputRef | null;
  /** Number of different people who must approve. */
  readonly approvers: number;
}

/** The end of a run as a step kind asks for it; the engine adds the step, the time and the hint. */
export interface FailureRequest {
  readonly kind: FailureKind;
  /** Stable and specific, e.g. `tests_failed`. `endNotifications` is looked up by it. */
  readonly code: string;
  /** Cut at 4,000 characters. */
  readonly message: string;
  /** Cut at 8,000 characters. */
  readonly detail: string | null;
}

/** Records that a move makes before it is made, in this order. */
export interface MoveRecords<F extends StepFact = StepFact> {
  readonly facts?: readonly F[];
  readonly output?: { readonly output: OutputRef; readonly model: string | null };
  readonly pullRequest?: PullRequestRef;
  readonly estimate?: Estimate;
  readonly merged?: MergeRecord;
}

/** The next thing a step does. The decider turns it into events, once, for every kind. */
export type Move<F extends StepFact = StepFact> = MoveRecords<F> &
  (
    | {
        readonly to: "effect";
        /** Part of the effect's key, e.g. `probe`. */
        readonly phase: string;
        readonly request: EffectRequest;
        /** Pauses the run in front of the effect, which cannot be performed yet. */
        readonly hold?: Hold;
      }
    /** The answer was "not yet": ask the same effect again after the gate's poll interval. */
    | { readonly to: "poll-again" }
    | { readonly to: "wait"; readonly on: WaitRequest }
    /** Steps `from`..this one start over; `from` is told why. Only this step's memory is kept. */
    | { readonly to: "rework"; readonly from: number; readonly revision: Revision | null; readonly why: string }
    /** Finished, unless the definition asks for an approval that is not there yet. */
    | {
        readonly to: "finish";
        /** Subject of an approval. Default: the step's output. */
        readonly subject?: { readonly digest: string; readonly output: OutputRef | null };
        /** Finishes without the approval of the definition: what happened outside cannot be undone by refusing it. Default: false. */
        readonly skipApproval?: boolean;
      }
    | {
        readonly to: "fail";
        readonly failure: FailureRequest;
        /** The effect in flight may still take effect: the run stops and ends once its outcome was observed. Default: false. */
        readonly awaitOutcome?: boolean;
      }
  );

/** A reason for which steps of a kind wait for people. */
export interface WaitDeclaration {
  /** Type of the notification that is raised while the wait is open. One of `BUILT_IN_NOTIFICATION_TYPES` or a type of your own. */
  readonly notification: string;
  /**
   * Answers the wait accepts. `reject` always ends the run, and `approve` counts once per person until the wait has its approvers;
   * every other answer goes to `answered`.
   */
  readonly answers: readonly HumanAnswer["answer"][];
  /** Status of the block while the wait is open. Default: `blocked`. */
  readonly status?: BlockStatus;
}

/** Service of a host that a step kind may need, by the name of its port. */
export type StepService = "environments" | "tracker" | "releases";

/** Waits by name. A name is kebab-case, e.g. `decision`. */
export type WaitDeclarations = Readonly<Record<string, WaitDeclaration>>;

/** Status of a block by its level. */
export type StatusByLevel = Readonly<Partial<Record<Block["level"], BlockStatus>>>;

/** Why a step kind cannot run an agent kind that names it. */
export interface KindMisfit {
  /** Stable code, e.g. `unknown-gate`. */
  readonly problem: string;
  readonly what: string;
  readonly fix: string;
}

/**
 * A kind of step: its declarations, its state, and three decisions. Pure: no clock, no randomness, no port.
 * A kind is one folder and one registration; the generic parts of the engine read its declarations and know no kind by name.
 * Make one with `defineStepKind`, which fills in the defaults.
 */
export interface StepKind<S extends StepState = StepState, F extends StepFact = StepFact> {
  /** Tag (`kind`) of its state, and the name by which agent kinds refer to it. */
  readonly name: string;
  readonly state: z.ZodType<S>;
  readonly fact: z.ZodType<F>;
  /**
   * Request that brings the answer of the step's own agent: `ask-agent` is one call, answered by the inline model where a host has
   * one; `start-job` is a job of a coding agent. Default: null, the step asks no agent of its own.
   */
  readonly asks?: AgentRequest | null;
  /**
   * True if the step works on the repository even when its agent delivers nothing. A run without a repository is refused at its start.
   * Default: false.
   */
  readonly needsRepository?: boolean;
  /** Brings the service up for tests; a run that has nowhere to do so is refused at its start. Default: false. */
  readonly needsTestInfrastructure?: boolean;
  /** Service without which its steps have no effect: a pipeline with one is not saved while the host lacks it. Default: null, none. */
  readonly needsService?: StepService | null;
  /** Has an environment made, which is taken down once its run has ended. Default: false. */
  readonly makesEnvironment?: boolean;
  /** A panel of several agents may answer in place of the step's own. Default: false. */
  readonly mayBePanelled?: boolean;
  /** Puts the panel in front of other kinds: runs every step whose definition has `consensus`. Exactly one kind does. Default: false. */
  readonly isPanel?: boolean;
  /** Produces nothing of its own: a companion behind it grades the step before. Default: false. */
  readonly isTransparent?: boolean;
  /** Asks people because of its findings; an approval of the definition asks for nothing more. Default: false. */
  readonly asksByFindings?: boolean;
  /** Records the estimate of the run, by which later steps are gated. Default: false. */
  readonly estimates?: boolean;
  /** Acts on evidence only: a pipeline must have a step before it that `givesEvidence`. Default: false. */
  readonly needsEvidence?: boolean;
  /**
   * Lands the change of the run. Once a change has landed, whatever landed it, the steps up to the last such step have nothing left to do:
   * the run goes on behind it. Default: false.
   */
  readonly landsChange?: boolean;
  /** Keeps its findings as reviews, whose findings people answer one by one. Default: false. */
  readonly keepsReviews?: boolean;
  /**
   * Status of a block whose run finished with such a step, by level of the block; the agent kind's own declaration comes first. A task
   * with a pull request that is not merged is `pr_ready` all the same. Default: `done`.
   */
  readonly statusWhenLast?: StatusByLevel;
  /** Type of the notification by the code of the failure a step of this kind ended its run with. Default: `run_failed` for every code. */
  readonly endNotifications?: Readonly<Record<string, string>>;
  /** Every wait its steps open, by name. `approval` is the engine's own and is open to every kind. Default: none. */
  readonly waits?: WaitDeclarations;
  /** Call effects it brings along. Default: none. */
  readonly effects?: readonly CallEffect[];
  /** Names of call effects it asks for without bringing them: `composeOrchestration({ effects })` must have them. Default: none. */
  readonly calls?: readonly string[];
  /** Agent kinds it brings along: they are registered with it. Default: none. */
  readonly agentKinds?: readonly AgentKind[];
  /** True if a step of this agent kind leaves a verdict that `needsEvidence` may rely on. Default: false. */
  givesEvidence?(kind: AgentKind): boolean;
  /** Why it cannot run an agent kind that names it, checked when the engine is composed. Default: null, it runs any. */
  misfit?(kind: AgentKind): KindMisfit | null;
  /** State of the kind a panel stands in front of. Default: null, it stands in front of none. */
  inner?(state: S): StepState | null;
  initial(definition: StepDefinition, kind: AgentKind): S;
  /** The only thing that changes the state. */
  fold(state: S, fact: F): S;
  /** The cursor arrived, or the step starts over. */
  enter(context: StepContext, state: S): Move<F>;
  /** Handles the result of the requested effect or job. */
  onResult(context: StepContext, state: S, result: EffectResult): Move<F>;
  /** A person answered its wait (approvals of a finished proposal never come here). */
  answered(context: StepContext, state: S, wait: HumanWait, answer: HumanAnswer): Move<F>;
  /** An effect of the step failed finally. Default: the run fails with it. */
  failed?(context: StepContext, state: S, failure: FailureRequest): Move<F>;
  /** Changes outside the run that a fact entails; they land in the same commit. Default: none. */
  consequences?(fact: F, context: FactContext): readonly Change[];
  /** Agent kinds a step of this kind may still dispatch, helpers included. Default: the step's own kind. */
  dispatches?(definition: StepDefinition, kind: AgentKind): readonly string[];
  /** Description of a fact for the timeline; null leaves it out. Default: the fact's name. */
  describe?(fact: F, state: S): EventDescription | null;
  /** Texts that belong to a fact and are no output of the step. Default: none. */
  texts?(fact: F, state: S): readonly EventText[];
  /** Public part of the state; a field that is left out is empty. Default: all empty. */
  view?(state: S): Partial<StepStateView>;
}

/** The run a fact was recorded in, after the fact. */
export interface FactContext {
  readonly run: Run;
  /** Position of the step in the run, from 0. */
  readonly index: number;
  readonly input: DecisionInput;
  /** Time of the event, in epoch ms. */
  readonly at: number;
}

/** A step kind with every default in place, as `defineStepKind` makes it. */
export type DefinedStepKind = Required<StepKind>;

/** Step kinds by name. Passed in by reference; there is no global registry. */
export interface StepKinds {
  /**
   * The kind of that name.
   *
   * @throws MillraceError `stored_shape_invalid` when none is registered.
   */
  get(name: string): DefinedStepKind;
  /** The kind of that name; null when none is registered. */
  find(name: string): DefinedStepKind | null;
  /**
   * The kind whose declarations hold for a state: the kind a panel stands in front of, not the panel.
   *
   * @throws MillraceError `stored_shape_invalid` when none is registered.
   */
  of(state: StepState): DefinedStepKind;
  /**
   * The kind that runs a step: the panel where the definition asks for several agents, else the one the agent kind names.
   *
   * @throws MillraceError `stored_shape_invalid` when none is registered.
   */
  runnerOf(definition: StepDefinition, kind: AgentKind): DefinedStepKind;
  /** All of them, in the order of registration. */
  list(): readonly DefinedStepKind[];
}

/**
 * Completes a kind: fills in the defaults of what it does not declare, and hides its own state and fact types behind the common ones.
 * Both are validated at the seam, so that the engine can hold kinds of any shape without a cast.
 */
export function defineStepKind<S extends StepState, F extends StepFact>(kind: StepKind<S, F>): DefinedStepKind {
  const own = checked(kind.state);
  return {
    name: kind.name,
    state: kind.state,
    fact: kind.fact,
    asks: kind.asks ?? null,
    needsRepository: kind.needsRepository ?? false,
    needsTestInfrastructure: kind.needsTestInfrastructure ?? false,
    needsService: kind.needsService ?? null,
    makesEnvironment: kind.makesEnvironment ?? false,
    mayBePanelled: kind.mayBePanelled ?? false,
    isPanel: kind.isPanel ?? false,
    isTransparent: kind.isTransparent ?? false,
    asksByFindings: kind.asksByFindings ?? false,
    estimates: kind.estimates ?? false,
    needsEvidence: kind.needsEvidence ?? false,
    landsChange: kind.landsChange ?? false,
    keepsReviews: kind.keepsReviews ?? false,
    statusWhenLast: kind.statusWhenLast ?? {},
    endNotifications: kind.endNotifications ?? {},
    waits: kind.waits ?? {},
    effects: kind.effects ?? [],
    calls: kind.calls ?? [],
    agentKinds: kind.agentKinds ?? [],
    givesEvidence: (agentKind) => kind.givesEvidence?.(agentKind) ?? false,
    misfit: (agentKind) => kind.misfit?.(agentKind) ?? null,
    inner: (state) => kind.inner?.(own(state)) ?? null,
    initial: (definition, agentKind) => own(kind.initial(definition, agentKind)),
    fold: (state, fact) => own(kind.fold(own(state), kind.fact.parse(fact))),
    enter: (context, state) => kind.enter(context, own(state)),
    onResult: (context, state, result) => kind.onResult(context, own(state), result),
    answered: (context, state, wait, answer) => kind.answered(context, own(state), wait, answer),
    failed: (context, state, failure) => kind.failed?.(context, own(state), failure) ?? { to: "fail", failure },
    consequences: (fact, context) => kind.consequences?.(kind.fact.parse(fact), context) ?? [],
    dispatches: (definition, agentKind) => kind.dispatches?.(definition, agentKind) ?? [agentKind.id],
    // Reading never fails: what another version wrote is shown by its name, or not at all.
    describe: (fact, state) => {
      const read = readable(kind, fact, state);
      return read === null || kind.describe === undefined ? { tone: "dim", text: fact.is } : kind.describe(read.fact, read.state);
    },
    texts: (fact, state) => {
      const read = readable(kind, fact, state);
      return read === null ? [] : (kind.texts?.(read.fact, read.state) ?? []);
    },
    view: (state) => {
      const read = kind.state.safeParse(state);
      return read.success ? (kind.view?.(read.data) ?? {}) : {};
    },
  };
}

/** A fact and the state of its step in the kind's own types; null when one of them does not fit. */
function readable<S extends StepState, F extends StepFact>(
  kind: StepKind<S, F>,
  fact: StepFact,
  state: StepState,
): { readonly fact: F; readonly state: S } | null {
  const ownFact = kind.fact.safeParse(fact);
  const ownState = kind.state.safeParse(state);
  return ownFact.success && ownState.success ? { fact: ownFact.data, state: ownState.data } : null;
}

/**
 * Parses a state the first time it is seen. The result is frozen, so an object that was valid once stays valid, and is recognised by
 * its identity; the fold keeps that identity until a fact replaces the state. The states that a kind returns are parsed as well: one
 * that its own schema refuses must never be committed.
 */
function checked<S extends StepState>(schema: z.ZodType<S>): (state: StepState) => S {
  const known = new WeakMap<StepState, S>();
  return (state) => {
    const before = known.get(state);
    if (before !== undefined) return before;
    const valid = deepFreeze(schema.parse(state));
    known.set(state, valid).set(valid, valid);
    return valid;
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

/** A registry of the given kinds; a later one replaces an earlier one of the same name. */
export function createStepKinds(kinds: readonly DefinedStepKind[]): StepKinds {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const all = [...byName.values()];
  const panel = all.find(({ isPanel }) => isPanel);
  const get = (name: string): DefinedStepKind => {
    const kind = byName.get(name);
    if (kind === undefined)
      throw new MillraceError("stored_shape_invalid", `no step kind '${name}' is registered`, {
        fix: `register it in composeOrchestration({ stepKinds }); known: ${[...byName.keys()].join(", ")}`,
      });
    return kind;
  };
  const of = (state: StepState): DefinedStepKind => {
    const kind = get(state.kind);
    const inner = kind.inner(state);
    return inner === null ? kind : of(inner);
  };
  const runnerOf = (definition: StepDefinition, kind: AgentKind): DefinedStepKind => {
    if (definition.consensus === null) return get(kind.step);
    if (panel !== undefined) return panel;
    throw new MillraceError("stored_shape_invalid", "no step kind that runs panels is registered", {
      fix: "register one with `isPanel`, or remove `consensus` from the step",
    });
  };
  return { get, find: (name) => byName.get(name) ?? null, of, runnerOf, list: () => all };
}
