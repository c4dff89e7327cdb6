/**
 * The outside services a pipeline may use beside agents and the forge. All of them are required by the engine; one that a host
 * does not have is a null object, chosen on purpose, whose `isOn` is false, and the step that would use it says so in its output.
 *
 * Every method that writes gets the effect's key and is idempotent by it: the same key is the same environment, the same ticket.
 * @throws MillraceError `unavailable`, `rate_limited` with `details.resetAt` (epoch ms).
 */
import type { PullRequestRef, RepositoryRef } from "@millrace/contracts";

/** An environment as its provider knows it. */
export interface ProvisionedEnvironment {
  readonly provider: string;
  readonly id: string;
  readonly status: "provisioning" | "ready" | "failed";
  /** Null while it is pending. */
  readonly url: string | null;
  readonly expiresAt: number | null;
}

/** Provider of ephemeral environments. With `isOn` false, none is made. */
export interface Environments {
  readonly isOn: boolean;
  /** Makes the environment of a key, once; asked again with the key, it returns that environment as it is by then. */
  provision(request: {
    readonly key: string;
    readonly workspaceId: string;
    readonly runId: string;
    readonly blockId: string;
    readonly title: string;
    readonly description: string;
    readonly repository: RepositoryRef | null;
    readonly pullRequest: PullRequestRef | null;
  }): Promise<ProvisionedEnvironment>;
  /** Takes down every environment of a run that has ended, one that is still being made as well. Idempotent; without any it does nothing. */
  takeDown(request: { readonly workspaceId: string; readonly runId: string }): Promise<void>;
}

/** A ticket in an issue tracker. */
export interface FiledIssue {
  readonly externalId: string;
  readonly url: string;
}

/** Issue tracker that follow-up work is filed in. Calls are idempotent by `key`; with `isOn` false, none is made. */
export interface Tracker {
  readonly isOn: boolean;
  /** Null: the tracker takes no ticket for this service. */
  fileIssue(request: {
    readonly key: string;
    readonly workspaceId: string;
    /** The service, or the block itself where there is none. */
    readonly serviceId: string;
    readonly title: string;
    readonly body: string;
  }): Promise<FiledIssue | null>;
}

/** One thing that is watched after a release. */
export interface ReleaseSignal {
  readonly kind: "monitor" | "slo";
  readonly id: string;
  readonly name: string;
  readonly state: "ok" | "warn" | "alert" | "no_data";
  readonly detail: string | null;
}

/** Evidence about a regressed release, for the agent that investigates it. */
export interface ReleaseEvidence {
  readonly signals: readonly ReleaseSignal[];
  readonly errors: readonly { readonly title: string; readonly count: number | null; readonly sample: string | null }[];
  readonly notes: readonly string[];
}

/** Monitoring of released blocks, read-only. With `isOn` false, nothing is watched, and the step says so. */
export interface ReleaseHealth {
  readonly isOn: boolean;
  /** State of the block's signals, looking at what happened since `since` (epoch ms). Empty: nothing is watched for it. */
  signals(request: { readonly workspaceId: string; readonly blockId: string; readonly since: number }): Promise<readonly ReleaseSignal[]>;
  evidence(request: { readonly workspaceId: string; readonly blockId: string; readonly since: number }): Promise<ReleaseEvidence>;
}

/** Incident management that investigations are added to. Calls are idempotent by `key`; with `isOn` false, none is made. */
export interface Incidents {
  readonly isOn: boolean;
  /** Adds a note to the block's open incident, when there is one; false when there is none. */
  enrich(request: {
    readonly key: string;
    readonly workspaceId: string;
    readonly blockId: string;
    readonly note: string;
  }): Promise<boolean>;
}

/** Model of an agent kind, and whether it can run. */
export interface ModelStatus {
  readonly kind: string;
  /** `provider:model`; null when the host has none for the kind. */
  readonly model: string | null;
  readonly usable: boolean;
  /** Why it is not usable, and what to do; empty when it is. */
  readonly why: string;
  readonly fix: string;
  /** Vendor whose personal credential of the initiator it needs; null: none. */
  readonly vendor: string | null;
}

/** Registry of the models that the host can run. Answers from configuration, without calling a provider. */
export interface ModelAccess {
  /** `pinned`: the model the block or a participant asks for; null: the workspace's default of the kind, else the host's. */
  status(request: {
    readonly workspaceId: string;
    readonly kind: string;
    readonly pinned: string | null;
    readonly initiatedBy: string;
  }): Promise<ModelStatus>;
}

/** Every outside service, by the name under which a host gives it. */
export interface OutsideServices {
  readonly models: ModelAccess;
  readonly environments: Environments;
  readonly tracker: Tracker;
  readonly releases: ReleaseHealth;
  readonly incidents: Incidents;
}
