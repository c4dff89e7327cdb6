import type { AgentKind } from "@millrace/agents";
import type {
  Described,
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
import { MillraceError, type Change } from "@millrace/kernel";
import type { z } from "zod";
import type { EffectResult } from "./command.js";
import type { DecisionInput } from "./decision-input.js";

/** What a step kind sees when it decides. Read-only. */
export interface StepContext {
  readonly run: Run;
  readonly index: number;
  readonly step: Step;
  readonly input: DecisionInput;
  readonly at: number;
}

export interface WaitRequest {
  readonly on: HumanWait["on"];
  readonly question: string;
  readonly options: readonly string[];
  /** Digest of exactly what people are shown; an answer must name it. */
  readonly subject: string;
  readonly output: OutputRef | null;
  readonly approvers: number;
}

export interface FailureRequest {
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
  readonly detail: string | null;
}

/** What became known on the way to a move; recorded in this order before the move itself. */
export interface Learnt<F extends StepFact = StepFact> {
  readonly facts?: readonly F[];
  readonly output?: { readonly output: OutputRef; readonly model: string | null };
  readonly pullRequest?: PullRequestRef;
  readonly estimate?: Estimate;
  readonly merged?: MergeRecord;
}

/** What a step does next. The decider turns it into events, once, for every kind. */
export type Move<F extends StepFact = StepFact> = Learnt<F> &
  (
    | {
        readonly to: "effect";
        readonly phase: string;
        readonly request: EffectRequest;
        /** It cannot be performed yet: the run is paused in front of it. */
        readonly hold?: Hold;
      }
    /** The answer was "not yet": ask the same effect again after the gate's poll interval. */
    | { readonly to: "again" }
    | { readonly to: "wait"; readonly on: WaitRequest }
    /** Steps `from`..this one start over; `from` is told why. Only this step's memory is kept. */
    | { readonly to: "rework"; readonly from: number; readonly revision: Revision | null; readonly why: string }
    /** Finished, unless the definition asks for an approval that is not there yet; `subject` is what people would approve (default: the output). */
    | {
        readonly to: "finish";
        readonly subject?: { readonly digest: string; readonly output: OutputRef | null };
        /** The world settled it: an approval would come too late. */ readonly unasked?: true;
      }
    | {
        readonly to: "fail";
        readonly failure: FailureRequest;
        /** What it asked for may happen all the same: the run ends once that was seen to. */ readonly pending?: true;
      }
  );

/**
 * One kind of step: what it remembers, and three decisions. Pure: no clock, no random, no port.
 * A kind is one file and one line in the registry.
 */
export interface StepKind<S extends StepState = StepState, F extends StepFact = StepFact> {
  /** Tag (`kind`) of its state, and the name that agent kinds refer to. */
  readonly name: string;
  readonly state: z.ZodType<S>;
  readonly fact: z.ZodType<F>;
  initial(definition: StepDefinition, kind: AgentKind): S;
  /** The only thing that changes the state. */
  fold(state: S, fact: F): S;
  /** The cursor arrived, or the step starts over. */
  enter(context: StepContext, state: S): Move<F>;
  /** The effect or job it asked for came back. */
  onResult(context: StepContext, state: S, result: EffectResult): Move<F>;
  /** A person answered its wait (approvals of a finished proposal never come here). */
  answered(context: StepContext, state: S, wait: HumanWait, answer: HumanAnswer): Move<F>;
  /** An effect of the step failed for good. Default: the run fails with it. */
  failed?(context: StepContext, state: S, failure: FailureRequest): Move<F>;
  /** What a fact means outside the run: changes that land in the same commit. Default: nothing. */
  consequences?(fact: F, context: FactContext): readonly Change[];
  /** Agent kinds a step of this kind may still dispatch, helpers included. Default: the step's own kind. */
  dispatches?(definition: StepDefinition, kind: AgentKind): readonly string[];
  /** What a fact means to a reader of the timeline; null: bookkeeping that is left out. Default: the fact's name. */
  describe?(fact: F, state: S): Described | null;
  /** Texts that belong to a fact and are no output of the step. Default: none. */
  texts?(fact: F, state: S): readonly EventText[];
  /** What the state shows of itself; a field that is left out shows nothing. Default: nothing at all. */
  view?(state: S): Partial<StepStateView>;
}

/** Where and when a fact was learnt. */
export interface FactContext {
  readonly run: Run;
  readonly index: number;
  readonly input: DecisionInput;
  readonly at: number;
}

/** Step kinds by name. Passed in by reference. */
export interface StepKinds {
  /** @throws MillraceError `stored_shape_invalid` when no kind of that name is registered. */
  get(name: string): StepKind;
  /** Null when no kind of that name is registered. */
  find(name: string): StepKind | null;
}

/**
 * Hides a kind's own state and fact types behind the common ones, checking both at the seam, so that the
 * engine can hold kinds of any shape without a cast.
 */
export function defineStepKind<S extends StepState, F extends StepFact>(kind: StepKind<S, F>): Required<StepKind> {
  const own = checked(kind.state);
  return {
    name: kind.name,
    state: kind.state,
    fact: kind.fact,
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
 * Parses a state the first time it is seen. What comes out is frozen, so an object that was valid once stays valid, and is
 * known again by its identity; the fold keeps that identity until a fact replaces the state. What a kind returns is checked
 * as well: a state its own schema refuses must never be committed.
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

export function createStepKinds(kinds: readonly StepKind[]): StepKinds {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  return {
    get(name) {
      const kind = byName.get(name);
      if (kind === undefined)
        throw new MillraceError("stored_shape_invalid", `no step kind '${name}' is registered`, {
          fix: `register it in composeOrchestration({ stepKinds }); known: ${[...byName.keys()].join(", ")}`,
        });
      return kind;
    },
    find: (name) => byName.get(name) ?? null,
  };
}
