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
