import type { ConfigurationEntry } from "@millrace/contracts";
import type {
  AgentExecutor,
  Clock,
  DigestText,
  Forge,
  IdentityProvider,
  IdSource,
  Log,
  ModelCatalogue,
  Mailer,
  NotificationChannel,
  OutsideServices,
  PasswordHasher,
  PersonCheck,
  Redact,
  Sleep,
  Store,
  WakeUps,
} from "@millrace/kernel";

/** The forges a host knows, by the name in a repository reference. */
export interface Forges {
  /** @throws MillraceError `unavailable` naming the forge when this host has no such adapter. */
  get(name: string): Forge;
}

/** A part that the host needs beside its database, e.g. the keys that open its secrets. */
export interface HostCheck {
  readonly name: string;
  /** Resolves if the part is there. @throws MillraceError naming what is missing. */
  check(): Promise<void>;
}

/**
 * Ports that the host provides. A member without a default is required: an outside service that a host does not have is a null
 * object, chosen on purpose; `outsideServicesOff` has one for each.
 */
export interface OrchestrationPorts extends OutsideServices {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly agents: AgentExecutor;
  readonly forges: Forges;
  readonly clock: Clock;
  /** Ends calls that do not come back (`Ceilings`). */
  readonly sleep: Sleep;
  readonly ids: IdSource;
  readonly log: Log;
  /** Asked before a person's deed is accepted. `trustEveryPerson` is for hosts whose callers are proven elsewhere. */
  readonly persons: PersonCheck;
  /** Models of the deployment, as data. Default: none is listed, and any name is taken for one. */
  readonly catalogue?: ModelCatalogue;
  /** Ways notifications leave the platform, each under a name of its own. Default: none; people find them in the inbox. */
  readonly channels?: readonly NotificationChannel[];
  /** Sends mails. Default: `mailerOff`. */
  readonly mailer?: Mailer;
  /** Hashes passwords. Default: nobody signs in with one. */
  readonly passwords?: PasswordHasher;
  /** Services that people sign in with, each under a name of its own. Default: none. */
  readonly identityProviders?: readonly IdentityProvider[];
  /** Takes secrets out of what is stored. Default: known shapes of tokens; a host that holds secrets gives `createRedact(secrets)`. */
  readonly redact?: Redact;
  /** Parts beside the database that the host needs to be ready. Default: none. */
  readonly hostChecks?: readonly HostCheck[];
  /** The settings in force, for operators. Default: none are shown. */
  readonly configuration?: () => readonly ConfigurationEntry[];
  /** Digests agents' answers. Default: Web Crypto, which every host has. Faster where the host has a synchronous one. */
  readonly digestText?: DigestText;
}

/** The ports as modules get them: those that may be off have their null object. */
export interface ComposedPorts extends OrchestrationPorts {
  readonly mailer: Mailer;
}
