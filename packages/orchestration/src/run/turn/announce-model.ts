/** Who is about to be asked, told with the request: people see the model at work, not only the one that has worked. */
import type { Run, RunEvent } from "@millrace/contracts";
import type { AgentExecutor } from "@millrace/kernel";
import type { Decision } from "../decide/decide.logic.js";
import { currentStep } from "../model/due.logic.js";
import { evolve, type Registries } from "../model/evolve.logic.js";
import type { DecisionInput } from "../model/decision-input.js";
import { pinnedModel } from "../rules/pinned-model.logic.js";

/** Of a label; a longer one is cut. */
const LABEL_CHARS = 200;

/**
 * The same decision, with the model in the request that asks an agent. Unchanged when it asks none, when the model is not known
 * or known already. An executor that cannot tell keeps nobody from working: its error means "not known".
 */
export async function announceModel(
  before: Run | null,
  decision: Decision,
  input: DecisionInput,
  by: { readonly agents: AgentExecutor; readonly registries: Registries },
): Promise<Decision> {
  const asks = decision.events.findLastIndex(({ event }) => askedKind(event) !== null);
  const entry = decision.events[asks];
  if (entry === undefined || entry.event.type !== "effect-requested") return decision;
  const label = await labelOf(entry.event.effect.request, input, by.agents);
  if (label === null || label === currentStep(decision.run).model) return decision;
  const told: RunEvent = { ...entry, event: { ...entry.event, model: label.slice(0, LABEL_CHARS) } };
  const events = decision.events.with(asks, told);
  const run = events.reduce<Run | null>((folded, one) => evolve(folded, one, by.registries), before);
  return run === null ? decision : { ...decision, events, run };
}

type Request = Extract<RunEvent["event"], { type: "effect-requested" }>["effect"]["request"];

function askedKind(event: RunEvent["event"]): string | null {
  if (event.type !== "effect-requested") return null;
  const { request } = event.effect;
  return request.do === "ask-agent" || request.do === "start-job" ? request.kind : null;
}

async function labelOf(request: Request, input: DecisionInput, agents: AgentExecutor): Promise<string | null> {
  if (request.do !== "ask-agent" && request.do !== "start-job") return null;
  const own = request.do === "ask-agent" ? (request.participant?.model ?? null) : null;
  const pinned = pinnedModel(input, request.kind, own);
  if (pinned !== null) return pinned;
  try {
    return await agents.resolveModel(request.kind, request.do);
  } catch {
    return null;
  }
}
