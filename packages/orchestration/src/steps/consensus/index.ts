/**
 * Several agents behind one step. It stands in front of the step kind that the agent kind names: where that asks its own agent, a panel
 * is asked instead, and the step kind gets the panel's one answer as if one agent had given it. So approvals, grading and rework are
 * the same with and without a panel.
 * 1. One participant at a time, each call its own keyed effect: a crash repeats one call, not the panel (I2, I10).
 * 2. The text of every participant is an output; the run keeps references.
 * 3. Below the bar of its gating one agent is asked, exactly as without a panel.
 */
import { draftScoresSchema, type DraftScores } from "@millrace/agents";
import { jsonSchema, type Attachment, type Consensus, type Participant, type StepFact } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { EffectResult, RecordedAnswer } from "../../run/model/command.js";
import { defineStepKind, type DefinedStepKind, type Move, type StepContext } from "../../run/model/step-kind.js";
import { reachesBar } from "../../run/rules/gating.logic.js";
import { describe, texts } from "./describe.js";
import {
  emptyPanel,
  factSchema,
  foldOwn,
  ownFactSchema,
  stateSchema,
  type AgentRequest,
  type OwnFact,
  type Panel,
  type State,
} from "./state.js";
import { countVotes } from "./voting.logic.js";

const SYNTHESIZER: Participant = {
  id: "synthesizer",
  role: "Several experts answered independently; their answers are attached. Give the one answer they would sign: keep what holds, resolve what they disagree on and say how, drop what is wrong.",
  model: null,
  answers: "kind",
};

/** Creates the step kind that puts a panel in front of any of `kinds`. */
export function createConsensusStep(kinds: readonly DefinedStepKind[]): DefinedStepKind {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const innerOf = ({ inner }: State): DefinedStepKind => {
    const kind = byName.get(inner.kind);
    if (kind === undefined) throw new MillraceError("stored_shape_invalid", `no step kind '${inner.kind}' is registered`);
    return kind;
  };
  return defineStepKind<State, StepFact>({
    name: "consensus",
    state: stateSchema,
    fact: factSchema,
    isPanel: true,
    inner: ({ inner }) => inner,
    initial(definition, agentKind) {
      const inner = byName.get(agentKind.step)?.initial(definition, agentKind);
      if (inner === undefined) throw new MillraceError("pipeline_invalid", `no step kind '${agentKind.step}' is registered`);
      return { kind: "consensus", inner, panel: null };
    },
    fold(state, fact) {
      const own = ownFactSchema.safeParse(fact);
      return own.success ? foldOwn(state, own.data) : { ...state, inner: innerOf(state).fold(state.inner, fact) };
    },
    enter: (context, state) => panelled(context, innerOf(state).enter(context, state.inner)),
    onResult(context, state, result) {
      const inner = innerOf(state);
      if (state.panel === null || result.of !== "ask-agent") return panelled(context, inner.onResult(context, state.inner, result));
      return answerOf(context, { state, panel: state.panel, inner }, result.answer);
    },
    answered: (context, state, wait, answer) => panelled(context, innerOf(state).answered(context, state.inner, wait, answer)),
    failed: (context, state, failure) => innerOf(state).failed(context, state.inner, failure),
    consequences: (fact, context) => {
      const own = stateSchema.safeParse(context.run.steps[context.index]?.state);
      if (ownFactSchema.safeParse(fact).success || !own.success) return [];
      return innerOf(own.data).consequences(fact, context);
    },
    dispatches: (definition, kind) => byName.get(kind.step)?.dispatches(definition, kind) ?? [kind.id],
    describe(fact, state) {
      const own = ownFactSchema.safeParse(fact);
      return own.success ? describe(own.data) : innerOf(state).describe(fact, state.inner);
    },
    texts(fact, state) {
      const own = ownFactSchema.safeParse(fact);
      return own.success ? texts(own.data) : innerOf(state).texts(fact, state.inner);
    },
    view: (state) => innerOf(state).view(state.inner),
  });
}

/** Turns the inner kind's request to its own agent into the panel's first one; every other move stays as it is. */
function panelled(context: StepContext, move: Move): Move {
  const { definition } = context.step;
  const consensus = definition.consensus;
  if (consensus === null || move.to !== "effect" || !isOwnAgent(move.request, definition.kind) || !isWorthIt(context, consensus))
    return move;
  const asked: OwnFact = { is: "panel-asked", request: move.request };
  return { ...move, facts: [...(move.facts ?? []), asked], ...next(consensus, emptyPanel(move.request)) };
}

function isOwnAgent(request: Panel["request"], kind: string): request is AgentRequest {
  return (request.do === "ask-agent" || request.do === "start-job") && request.kind === kind;
}

function isWorthIt({ run }: StepContext, { gating }: Consensus): boolean {
  if (gating === null) return true;
  return run.estimate === null ? gating.onMissingEstimate === "consensus" : reachesBar(gating, run.estimate);
}

/** The next participant: drafts, then critiques, then a synthesis; or drafts, then ballots. Null when the panel is finished. */
function nextTurn(consensus: Consensus, { drafts, ballots }: Panel): { readonly participant: Participant; readonly round: number } | null {
  const { participants, strategy } = consensus;
  const missing = participants.find(({ id }) => !drafts.some(({ participant }) => participant === id));
  const answers = strategy === "voting" ? ("kind" as const) : ("prose" as const);
  if (missing !== undefined) return { participant: { ...missing, answers }, round: 0 };
  if (strategy === "voting") {
    const voter = participants[ballots.length];
    return voter === undefined ? null : { participant: { ...voter, answers: "scores" }, round: 0 };
  }
  const rounds = strategy === "debate" ? consensus.rounds : 1;
  for (let round = 1; round < rounds; round += 1) {
    const critic = participants.find(({ id }) => drafts.every((draft) => draft.participant !== id || draft.round < round));
    if (critic !== undefined) return { participant: { ...critic, answers: "prose" }, round };
  }
  return { participant: SYNTHESIZER, round: rounds };
}

function next(consensus: Consensus, panel: Panel): Extract<Move, { to: "effect" }> {
  const turn = nextTurn(consensus, panel);
  const { request } = panel;
  if (turn === null || (request.do !== "ask-agent" && request.do !== "start-job"))
    throw new MillraceError("internal", "a finished panel has no participant left to ask");
  const seesOthers = panel.drafts.length >= consensus.participants.length;
  const attachments = [...(request.do === "ask-agent" ? (request.attachments ?? []) : []), ...(seesOthers ? others(panel) : [])];
  return {
    to: "effect",
    phase: `panel.${turn.participant.id}`,
    request: { do: "ask-agent", kind: request.kind, briefs: request.briefs, attachments, participant: turn.participant },
  };
}

/** Drafts without their authors' names: the text is judged, not the author. */
function others({ drafts }: Panel): Attachment[] {
  return drafts.map(({ output }, index) => ({
    from: `Expert ${String.fromCodePoint(65 + index)} (draft ${index + 1})`,
    output: { ...output },
  }));
}

/** A panel at work, and the kind it answers for. */
interface PanelSession {
  readonly state: State;
  readonly panel: Panel;
  readonly inner: DefinedStepKind;
}

function answerOf(context: StepContext, session: PanelSession, answer: RecordedAnswer): Move {
  const { consensus } = context.step.definition;
  if (consensus === null) return { to: "again" };
  const turn = nextTurn(consensus, session.panel);
  if (turn === null) return { to: "again" };
  const { participant, round } = turn;
  if (participant === SYNTHESIZER)
    return agreed(context, session, answer, { strategy: consensus.strategy, confidence: null, isClose: false, last: [] });
  const fact: OwnFact =
    participant.answers === "scores"
      ? { is: "panel-ballot", participant: participant.id, scores: scoresOf(answer) }
      : {
          is: "panel-contribution",
          participant: participant.id,
          round,
          output: answer.output,
          model: answer.model,
          product: answer.product.is === "valid" ? jsonSchema.parse(answer.product.value) : null,
        };
  const after = foldOwn(session.state, fact).panel ?? session.panel;
  if (nextTurn(consensus, after) !== null) return { facts: [fact], ...next(consensus, after) };
  const votes = countVotes(after.drafts.length, after.ballots);
  const winner = after.drafts[votes.winner];
  if (winner === undefined) return { to: "again" };
  const chosen: RecordedAnswer = {
    output: winner.output,
    excerpt: answer.excerpt,
    product: winner.product === null ? { is: "none" } : { is: "valid", value: winner.product },
    question: null,
    model: winner.model,
  };
  return agreed(context, session, chosen, { strategy: "voting", confidence: votes.confidence, isClose: votes.isClose, last: [fact] });
}

/** The scores of a ballot; none when it cannot be read. */
function scoresOf({ product }: RecordedAnswer): DraftScores["scores"] {
  const parsed = draftScoresSchema.safeParse(product.is === "valid" ? product.value : null);
  return parsed.success ? parsed.data.scores : [];
}

interface Agreement {
  readonly strategy: Consensus["strategy"];
  readonly confidence: number | null;
  readonly isClose: boolean;
  /** The last participant's fact, where the answer is not its own. */
  readonly last: readonly OwnFact[];
}

/** Hands the panel's one answer to the inner kind, as the result of the request it made. */
function agreed(context: StepContext, { state, panel, inner }: PanelSession, answer: RecordedAnswer, how: Agreement): Move {
  const spoken: RecordedAnswer = { ...answer, question: null, model: `consensus:${how.strategy}:${answer.model ?? "unknown"}` };
  const result: EffectResult =
    panel.request.do === "start-job"
      ? { of: "job", outcome: { is: "finished", answer: spoken, observed: null } }
      : { of: "ask-agent", answer: spoken };
  const fact: OwnFact = { is: "panel-agreed", on: answer.output.key, confidence: how.confidence, isClose: how.isClose };
  const move = panelled(context, inner.onResult(context, state.inner, result));
  return { ...move, facts: [...how.last, fact, ...(move.facts ?? [])] };
}
