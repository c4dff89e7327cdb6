import { eventsOfFragmentDefaults, eventsOfFragments } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { describeFragmentEvent } from "./fragments.logic.js";
import { FragmentsService, type FragmentCalls } from "./fragments-service.js";

/** Fragments: guidance of people that is folded into the prompts of agents. */
export function fragmentsModule(ports: Pick<OrchestrationPorts, "store" | "clock">, calls: FragmentCalls): Module<FragmentsService> {
  return defineModule({
    name: "fragments",
    service: new FragmentsService(ports, calls),
    events: defineEvents([...eventsOfFragments, ...eventsOfFragmentDefaults], describeFragmentEvent),
  });
}
