import type { Block, CheckPolicy, Digest, MergePreset, ResolvedFragment, WorkspaceSettings } from "@millrace/contracts";
import type { AgentKinds } from "@millrace/agents";
import type { AgentRequest, ModelCatalogue, RequestRate } from "@millrace/kernel";

/** Time limits and poll intervals of the engine, in ms. */
export interface Patience {
  /** Poll interval of a running job, unless it is nudged. */
  readonly jobPollMs: number;
  /** A job that runs longer is stopped and the run fails as timed out. */
  readonly jobMs: number;
  /** Poll interval of a gate, unless it is nudged. */
  readonly gatePollMs: number;
  /** Limit for a gate that stays pending or unknown on one head. */
  readonly gateMs: number;
  /** Limit for the end of a job to be seen after a stop, in the time in which it is looked at. The run fails then, and says what may still run. */
  readonly stopMs: number;
  /** First delay after a passing error; doubles up to `maxRetryMs`. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
}

/** Pause between two tries while a service or the host is out of order: 15 minutes. */
export const OUTAGE_PAUSE_MS = 15 * 60_000;

/** 15 s and 70 min for jobs, 30 s and 60 min for gates, 15 min for a stop, retries from 1 s to 1 min. */
export const DEFAULT_PATIENCE: Patience = {
  jobPollMs: 15_000,
  jobMs: 70 * 60_000,
  gatePollMs: 30_000,
  gateMs: 60 * 60_000,
  stopMs: 15 * 60_000,
  retryMs: 1000,
  maxRetryMs: 60_000,
};

/**
 * Input of a decision beside the run: point reads, taken fresh for each advance.
 * Whatever a decision took from here stands in its events, so folding never needs it.
 */
export interface DecisionInput {
  readonly block: Block;
  /** The service the block lives in; null for a block outside of any. */
  readonly service: Block | null;
  readonly settings: WorkspaceSettings;
  /** Outside services of this host. `localTestInfrastructure`: an agent's job can bring up what a service needs for its tests. */
  readonly capabilities: {
    readonly environments: boolean;
    readonly tracker: boolean;
    readonly releases: boolean;
    readonly localTestInfrastructure: boolean;
  };
  readonly preset: MergePreset;
  readonly checkPolicy: CheckPolicy;
  /** Digest of `checkPolicy`: part of every CI verdict. */
  readonly checkPolicyDigest: Digest;
  /**
   * By agent kind and request, for the requests that the run's steps may make, finished ones included: a rework starts them over. One
   * that is missing has no known label and is metered.
   */
  readonly models: ReadonlyMap<string, Readonly<Partial<Record<AgentRequest, KindModel>>>>;
  /** Models of the deployment: what a pinned one is called at its provider. */
  readonly catalogue: ModelCatalogue;
  /** Guidance that the block and its service name, as far as it is there, by id. */
  readonly fragments: ReadonlyMap<string, ResolvedFragment>;
  readonly kinds: AgentKinds;
  readonly patience: Patience;
}

/** The model that such a request of an agent kind runs on when nothing pins another, as the executor knows it. */
export interface KindModel {
  /** Its `provider:model` label; null where the executor cannot tell before the call. */
  readonly label: string | null;
  /** At `flat` no call of it is reserved or held by a budget. */
  readonly rate: RequestRate;
}
