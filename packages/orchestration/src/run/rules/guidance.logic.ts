import { promptLabel } from "@millrace/agents";
import type { EffectRequest, RunEventBody } from "@millrace/contracts";
import type { DecisionInput } from "../model/decision-input.js";
import { foldedRecord } from "./fragments.logic.js";

type Requested = Extract<RunEventBody, { type: "effect-requested" }>;

/** What the prompt of a request is made of, by versions, for the event that records the request. Empty for one that asks no agent. */
export function guidanceOf(request: EffectRequest, input: DecisionInput): Pick<Requested, "prompt" | "fragments"> {
  if (request.do !== "ask-agent" && request.do !== "start-job") return {};
  const kind = input.kinds.get(request.kind);
  const fragments = foldedRecord(input, request.kind);
  return { ...(kind === null ? {} : { prompt: promptLabel(kind) }), ...(fragments === null ? {} : { fragments }) };
}
