import type { FragmentInput, PipelineInput } from "@millrace/contracts";
import type { CallEffect } from "./run/model/call-effect.js";
import type { Ceilings } from "./platform/bounded-ports.js";
import type { EngineSettings } from "./run/turn/engine.js";
import type { RetentionBounds } from "./modules/retention/retention.logic.js";
import type { SignInOptions } from "./modules/sign-in/settings.logic.js";
import type { Registrations } from "./steps/registry.js";

/** What a host may change about the engine. */
export interface OrchestrationOptions extends Registrations {
  /** Call effects beside those that step kinds bring along; one of the same name replaces it. */
  readonly effects?: readonly CallEffect[];
  /**
   * Pipelines that the host serves to every workspace beside the built-in ones; one of the same id replaces it. They are read only there.
   * Default: none.
   */
  readonly pipelines?: readonly PipelineInput[];
  /** Fragments that the host serves beside the built-in ones; one of the same id replaces it. Default: none. */
  readonly fragments?: readonly FragmentInput[];
  readonly patience?: Partial<EngineSettings["patience"]>;
  /** Longest time of one call of each port, in ms. */
  readonly ceilings?: Partial<Ceilings>;
  /** Bounds to how long workspaces keep what, in days. Default: 1 day to for ever. */
  readonly retention?: RetentionBounds;
  /** Whether jobs can bring up a service's own infrastructure for its tests (a container engine beside them). Default: true. */
  readonly localTestInfrastructure?: boolean;
  /** Address of the pages that people open from links, `https://mill.example`. Default: there are none, and links are null. A host that sends mails needs it. */
  readonly publicUrl?: string;
  /** How people sign in. Default: with what the ports give; nobody is admitted without an invitation. */
  readonly signIn?: SignInOptions;
}
