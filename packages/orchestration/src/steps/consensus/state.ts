/** The memory of a panel: what it was asked, what its participants wrote, and the state of the kind it stands in front of. */
import { draftScoresSchema } from "@millrace/agents";
import { effectRequestSchema, jsonSchema, outputRefSchema, stepStateSchema } from "@millrace/contracts";
import { z } from "zod";

/** One text of one participant. */
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
  /** The request of the inner kind. */
  request: effectRequestSchema,
  drafts: z.array(contributionSchema),
  ballots: z.array(draftScoresSchema.shape.scores),
});
/** State of a step with a panel: the inner kind's state beside its own. */
export const stateSchema = z.strictObject({
  kind: z.literal("consensus"),
  inner: stepStateSchema,
  panel: panelSchema.nullable(),
});
/** Facts of the panel itself. */
export const ownFactSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("panel-asked"), request: effectRequestSchema }),
  contributionSchema.extend({ is: z.literal("panel-contribution") }),
  z.strictObject({ is: z.literal("panel-ballot"), participant: z.string(), scores: draftScoresSchema.shape.scores }),
  z.strictObject({ is: z.literal("panel-agreed"), on: z.string(), confidence: z.number().nullable(), isClose: z.boolean() }),
]);
/** Facts of the inner kind pass through as they are. */
export const factSchema = z.looseObject({ is: z.string() });
/** State of a step with a panel. */
export type State = z.infer<typeof stateSchema>;
/** A panel at work. */
export type Panel = z.infer<typeof panelSchema>;
/** A fact of the panel itself. */
export type OwnFact = z.infer<typeof ownFactSchema>;
/** A request that names an agent kind. */
export type AgentRequest = Extract<Panel["request"], { do: "ask-agent" | "start-job" }>;
/** The state after a fact of the panel itself. */
export function foldOwn(state: State, fact: OwnFact): State {
  const { panel } = state;
  switch (fact.is) {
    case "panel-asked":
      return { ...state, panel: emptyPanel(fact.request) };
    case "panel-contribution": {
      const { is: _, ...draft } = fact;
      if (panel === null) return state;
      const at = panel.drafts.findIndex(({ participant }) => participant === draft.participant);
      // A critique replaces its author's draft in place: every participant keeps its position.
      return { ...state, panel: { ...panel, drafts: at < 0 ? [...panel.drafts, draft] : panel.drafts.with(at, draft) } };
    }
    case "panel-ballot":
      return panel === null ? state : { ...state, panel: { ...panel, ballots: [...panel.ballots, fact.scores] } };
    case "panel-agreed":
      return { ...state, panel: null };
  }
}

/** A panel that was asked and has not answered. */
export function emptyPanel(request: Panel["request"]): Panel {
  return { request, drafts: [], ballots: [] };
}
