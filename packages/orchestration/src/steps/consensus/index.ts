/**
 * Several agents behind one step. It wraps whatever step kind the agent kind has: where that asks its own agent, a panel is asked
 * instead, and the step kind gets the panel's one answer as if one agent had given it. So approvals, grading and rework are the
 * same with and without a panel.
 * 1. One voice at a time, each its own keyed effect: a crash repeats one call, not the panel (I2, I10).
 * 2. Everybody's text is an output; the run keeps references.
 * 3. Below its bar, one agent does, exactly as the wrapped kind would have it.
 */
import { draftScoresSchema } from "@millrace/agents";
import {
  effectRequestSchema,
  jsonSchema,
  outputRefSchema,
  stepStateSchema,
  type Attachment,
  type Consensus,
  type Participant,
  type StepFact,
} from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import type { EffectResult, RecordedAnswer } from "../../run/model/command.js";
import { defineStepKind, type Move, type StepContext, type StepKind } from "../../run/model/step-kind.js";
import { reachesBar } from "../../run/rules/gating.logic.js";
import { countVotes } from "./voting.logic.js";

const contributionSchema = z.strictObject({
  participant: z.string(),
  /** 0 for drafts, then the rounds of critique. */
  round: z.number().int().nonnegative(),
  output: outputRefSchema,
  model: z.string().nullable(),
  /** A structured draft; null for prose and for one that could not be read. */
  product: jsonSchema.nullable(),
});
const panelSchema = z.strictObject({
  /** What the wrapped kind asked for. */
  request: effectRequestSchema,
  drafts: z.array(contributionSchema),
  ballots: z.array(draftScoresSchema.shape.scores),
});
const stateSchema = z.strictObject({
  kind: z.literal("consensus"),
  inner: stepStateSchema,
  panel: panelSchema.nullable(),
});
const ownFactSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("panel-asked"), request: effectRequestSchema }),
  contributionSchema.extend({ is: z.literal("panel-contribution") }),
  z.strictObject({ is: z.literal("panel-ballot"), participant: z.string(), scores: draftScoresSchema.shape.scores }),
  z.strictObject({ is: z.literal("panel-agreed"), on: z.string(), confidence: z.number().nullable(), isClose: z.boolean() }),
]);
/** Facts of the wrapped kind pass through as they are. */
const factSchema = z.looseObject({ is: z.string() });
type State = z.infer<typeof stateSchema>;
type Panel = z.infer<typeof panelSchema>;
type OwnFact = z.infer<typeof ownFactSchema>;
type AgentRequest = Extract<Panel["request"], { do: "ask-agent" | "start-job" }>;

const SYNTHESIZER: Participant = {
  id: "synthesizer",
  role: "Several experts answered independently; their answers are attached. Give the one answer they would sign: keep what holds, settle what they disagree on and say how, drop what is wrong.",
  model: null,
  answers: "kind",
};

/** The step kind that puts a panel in front of any of `kinds`. */
export function createConsensusStep(kinds: readonly StepKind[]): StepKind {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const innerOf = ({ inner }: State): StepKind => {
    const kind = byName.get(inner.kind);
    if (kind === undefined) throw new MillraceError("stored_shape_invalid", `no step kind '${inner.kind}' is registered`);
    return kind;
  };
  return defineStepKind<State, StepFact>({
    name: "consensus",
    state: stateSchema,
    fact: factSchema,
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
      return heard(context, { state, panel: state.panel, inner }, result.answer);
    },
    answered: (context, state, wait, answer) => panelled(context, innerOf(state).answered(context, state.inner, wait, answer)),
    failed: (context, state, failure) => innerOf(state).failed?.(context, state.inner, failure) ?? { to: "fail", failure },
    consequences: (fact, context) => {
      const own = stateSchema.safeParse(context.run.steps[context.index]?.state);
      if (ownFactSchema.safeParse(fact).success || !own.success) return [];
      return innerOf(own.data).consequences?.(fact, context) ?? [];
    },
    dispatches: (definition, kind) => byName.get(kind.step)?.dispatches?.(definition, kind) ?? [kind.id],
  });
}

function foldOwn(state: State, fact: OwnFact): State {
  const { panel } = state;
  switch (fact.is) {
    case "panel-asked":
      return { ...state, panel: emptyPanel(fact.request) };
    case "panel-contribution": {
      const { is: _, ...draft } = fact;
      if (panel === null) return state;
      const at = panel.drafts.findIndex(({ participant }) => participant === draft.participant);
      // A critique replaces its author's draft in place: everybody keeps their position.
      return { ...state, panel: { ...panel, drafts: at < 0 ? [...panel.drafts, draft] : panel.drafts.with(at, draft) } };
    }
    case "panel-ballot":
      return panel === null ? state : { ...state, panel: { ...panel, ballots: [...panel.ballots, fact.scores] } };
    case "panel-agreed":
      return { ...state, panel: null };
  }
}

function emptyPanel(request: Panel["request"]): Panel {
  return { request, drafts: [], ballots: [] };
}

/** Turns the wrapped kind's question to its own agent into the panel's first one; every other move stays. */
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

/** Who speaks next. Drafts, then critiques, then a synthesis; or drafts, then ballots. Null: everybody has spoken. */
function speaker(consensus: Consensus, { drafts, ballots }: Panel): { readonly participant: Participant; readonly round: number } | null {
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
  const turn = speaker(consensus, panel);
  const { request } = panel;
  if (turn === null || (request.do !== "ask-agent" && request.do !== "start-job"))
    throw new MillraceError("internal", "a panel that has spoken has nobody left to ask");
  const seesOthers = panel.drafts.length >= consensus.participants.length;
  const attachments = [...(request.do === "ask-agent" ? (request.attachments ?? []) : []), ...(seesOthers ? others(panel) : [])];
  return {
    to: "effect",
    phase: `panel.${turn.participant.id}`,
    request: { do: "ask-agent", kind: request.kind, briefs: request.briefs, attachments, participant: turn.participant },
  };
}

/** Drafts without their authors' names: what is judged is the text. */
function others({ drafts }: Panel): Attachment[] {
  return drafts.map(({ output }, index) => ({
    from: `Expert ${String.fromCodePoint(65 + index)} (draft ${index + 1})`,
    output: { ...output },
  }));
}

/** A step whose panel speaks: who is in it, and whom it speaks for. */
interface Table {
  readonly state: State;
  readonly panel: Panel;
  readonly inner: StepKind;
}

function heard(context: StepContext, table: Table, answer: RecordedAnswer): Move {
  const { consensus } = context.step.definition;
  if (consensus === null) return { to: "again" };
  const turn = speaker(consensus, table.panel);
  if (turn === null) return { to: "again" };
  const { participant, round } = turn;
  if (participant === SYNTHESIZER)
    return agreed(context, table, answer, { strategy: consensus.strategy, confidence: null, isClose: false, last: [] });
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
  const after = foldOwn(table.state, fact).panel ?? table.panel;
  if (speaker(consensus, after) !== null) return { facts: [fact], ...next(consensus, after) };
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
  return agreed(context, table, chosen, { strategy: "voting", confidence: votes.confidence, isClose: votes.isClose, last: [fact] });
}

/** A ballot that cannot be read votes for nobody. */
function scoresOf({ product }: RecordedAnswer): z.infer<typeof draftScoresSchema>["scores"] {
  const parsed = draftScoresSchema.safeParse(product.is === "valid" ? product.value : null);
  return parsed.success ? parsed.data.scores : [];
}

interface Agreement {
  readonly strategy: Consensus["strategy"];
  readonly confidence: number | null;
  readonly isClose: boolean;
  /** What the last voice said, where the answer is not its own. */
  readonly last: readonly OwnFact[];
}

/** The wrapped kind gets the one answer, in the way it asked for it. */
function agreed(context: StepContext, { state, panel, inner }: Table, answer: RecordedAnswer, how: Agreement): Move {
  const spoken: RecordedAnswer = { ...answer, question: null, model: `consensus:${how.strategy}:${answer.model ?? "unknown"}` };
  const result: EffectResult =
    panel.request.do === "start-job"
      ? { of: "job", outcome: { is: "finished", answer: spoken, observed: null } }
      : { of: "ask-agent", answer: spoken };
  const fact: OwnFact = { is: "panel-agreed", on: answer.output.key, confidence: how.confidence, isClose: how.isClose };
  const move = panelled(context, inner.onResult(context, state.inner, result));
  return { ...move, facts: [...how.last, fact, ...(move.facts ?? [])] };
}
