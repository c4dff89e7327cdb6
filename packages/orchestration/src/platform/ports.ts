import type { AgentKind } from "@millrace/agents";
import type {
  AgentExecutor,
  Clock,
  DigestText,
  Environments,
  Forge,
  IdSource,
  Incidents,
  Log,
  ModelAccess,
  ReleaseHealth,
  Store,
  Tracker,
  WakeUps,
} from "@millrace/kernel";
import type { CallEffect } from "../run/model/call-effect.js";
import type { Patience } from "../run/model/decision-input.js";
import type { DefinedStepKind } from "../run/model/step-kind.js";
import type { Gate } from "../steps/gate/gate.js";

/** The forges a host knows, by the name in a repository reference. */
export interface Forges {
  /** @throws MillraceError `unavailable` naming the forge when this host has no such adapter. */
  get(name: string): Forge;
}

/** What the engine needs from its host. What has no default is required: what is off is a null object, chosen on purpose. */
export interface OrchestrationPorts {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly agents: AgentExecutor;
  readonly forges: Forges;
  /** `servicesOff` has a null object for each of these. */
  readonly models: ModelAccess;
  readonly environments: Environments;
  readonly tracker: Tracker;
  readonly releases: ReleaseHealth;
  readonly incidents: Incidents;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Log;
  /** Digests agents' answers. Default: Web Crypto, which every host has. Faster where the host has a synchronous one. */
  readonly digestText?: DigestText;
}

/** What a host may change about the engine. */
export interface OrchestrationOptions {
  /** Agent kinds beside the built-in ones; one of the same id replaces it. */
  readonly agentKinds?: readonly AgentKind[];
  /** Gates beside the built-in ones; one of the same name replaces it. */
  readonly gates?: readonly Gate[];
  /** Call effects beside those that step kinds bring along; one of the same name replaces it. */
  readonly effects?: readonly CallEffect[];
  /** Step kinds beside the built-in ones, made with `defineStepKind`; one of the same name replaces it. */
  readonly stepKinds?: readonly DefinedStepKind[];
  readonly patience?: Partial<Patience>;
  /** Whether jobs can bring up a service's own infrastructure for its tests (a container engine beside them). Default: true. */
  readonly localTestInfrastructure?: boolean;
}

/** The same, with every default in place. */
export interface EngineSettings {
  readonly patience: Patience;
  readonly localTestInfrastructure: boolean;
}
