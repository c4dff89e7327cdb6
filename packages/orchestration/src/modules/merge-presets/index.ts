import { eventsOfPresets } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { PersonPorts } from "../../run/commands/prove-person.js";
import { describePresetEvent } from "./merge-presets.logic.js";
import { PresetsService } from "./merge-presets-service.js";

/** Merge presets: the ceilings of merges and the budgets of the loops of a run. */
export function presetsModule(ports: PersonPorts & Pick<OrchestrationPorts, "ids">): Module<PresetsService> {
  return defineModule({
    name: "merge-presets",
    service: new PresetsService(ports),
    events: defineEvents(eventsOfPresets, describePresetEvent),
  });
}
