import type { Fragment } from "@millrace/contracts";
import { modelCatalogueOff } from "@millrace/kernel";
import type { DecisionInput, Patience } from "../model/decision-input.js";
import type { CallEffects } from "../model/call-effect.js";
import type { Registries } from "../model/evolve.logic.js";
import { Lru } from "../../platform/lru.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { ServedPipelines } from "../pipelines/served.js";
import { CommittedRuns } from "./committed-runs.js";
import { InFlight } from "./in-flight.js";
import { Performer } from "./perform.js";
import { createReadInput, type ReadInput } from "./read-input.js";

/** Settings of the engine, with every default in place. */
export interface EngineSettings {
  readonly patience: Patience;
  /** True if jobs can bring up a service's own infrastructure for its tests (a container engine beside them). */
  readonly localTestInfrastructure: boolean;
  /** The pipelines that are served from the code. */
  readonly served: ServedPipelines;
  /** The built-in fragments and those of the host, by id. */
  readonly pool: readonly Fragment[];
}

/** Environment of every turn and command: the host's ports, the registries, and this process's caches. */
export interface Engine {
  readonly ports: OrchestrationPorts;
  readonly registries: Registries;
  readonly served: ServedPipelines;
  readonly readInput: ReadInput;
  readonly committed: CommittedRuns;
  readonly performer: Performer;
  readonly inFlight: InFlight;
  /** Time of the last look at the forge that this process planned for a run at rest, in epoch ms. */
  readonly lookedAt: Lru<string, number>;
}

/** Runs at rest whose last look is remembered; forgetting one costs a read of the forge. */
const MAX_LOOKS = 1000;

export function createEngine(
  ports: OrchestrationPorts,
  registries: Registries,
  effects: CallEffects,
  { patience, localTestInfrastructure, served, pool }: EngineSettings,
): Engine {
  const { environments, tracker, releases } = ports;
  const capabilities: DecisionInput["capabilities"] = {
    environments: environments.isOn,
    tracker: tracker.isOn,
    releases: releases.isOn,
    localTestInfrastructure,
  };
  return {
    ports,
    registries,
    served,
    readInput: createReadInput(ports, registries, { patience, capabilities, catalogue: ports.catalogue ?? modelCatalogueOff, pool }),
    committed: new CommittedRuns(ports.store),
    performer: new Performer(ports, effects),
    inFlight: new InFlight(),
    lookedAt: new Lru(MAX_LOOKS),
  };
}
