import type { AgentKind } from "@millrace/agents";
import { promptLabel } from "@millrace/agents";
import type { AgentKindView } from "@millrace/contracts";
import type { DefinedStepKind, StepService } from "../../run/model/step-kind.js";

/** An agent kind as people choose it for a step, on a host without the services that are `off`. */
export function kindView(kind: AgentKind, stepKind: DefinedStepKind, off: readonly StepService[]): AgentKindView {
  const service = stepKind.needsService;
  const isOff = service !== null && off.includes(service);
  return {
    id: kind.id,
    intent: kind.intent,
    step: kind.step,
    delivers: kind.contract.delivers,
    traits: [...kind.traits],
    companionOf: [...kind.companionOf],
    bar: kind.companionOf.length === 0 ? null : kind.bar,
    asks: stepKind.asks,
    options: kind.options.map(({ values, ...option }) => ({ ...option, values: [...values] })),
    prompt: promptLabel(kind),
    usable: !isOff,
    why: isOff ? `this host has no '${service}' service` : "",
  };
}
