import { eventsOfModels } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { PersonPorts } from "../../run/commands/prove-person.js";
import { ModelsService, type ModelCalls } from "./models-service.js";

/** Models: the catalogue of the deployment, and what a workspace sets for each agent kind. */
export function modelsModule(ports: PersonPorts & Pick<OrchestrationPorts, "catalogue">, calls: ModelCalls): Module<ModelsService> {
  return defineModule({
    name: "models",
    service: new ModelsService(ports, calls),
    events: defineEvents(
      eventsOfModels,
      ({ kind, before, after }) => `model of ${kind}: ${before ?? "the deployment's"} → ${after ?? "the deployment's"}`,
    ),
  });
}
