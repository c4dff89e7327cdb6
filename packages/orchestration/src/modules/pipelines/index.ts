import { eventsOfPipelines } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { PersonPorts } from "../../run/commands/prove-person.js";
import { describePipelineEvent } from "./pipelines.logic.js";
import { PipelinesService, type PipelineCalls } from "./pipelines-service.js";

/** Pipelines: those that a workspace keeps, and what its people say about those that are served from the code. */
export function pipelinesModule(ports: PersonPorts & Pick<OrchestrationPorts, "ids">, calls: PipelineCalls): Module<PipelinesService> {
  return defineModule({
    name: "pipelines",
    service: new PipelinesService(ports, calls),
    events: defineEvents(eventsOfPipelines, describePipelineEvent),
  });
}
