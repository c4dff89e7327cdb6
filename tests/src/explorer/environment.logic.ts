/**
 * Model of the environment around one run, as small as possible while it can still give every answer. Changes by other people
 * (pushes, closing, merging, settings) are chosen lazily, at the moment of a read. Forge and executor keep their contracts: a key
 * starts one job, and a merge that happened is found again.
 */
import type { Check, PullRequestRef, WorkObservation } from "@millrace/contracts";
import type { Command, EffectResult } from "@millrace/orchestration";
import type { FaultSet } from "@millrace/orchestration/samples";
import { cleanWork } from "@millrace/testing/internal/clean-work";
import { NOW } from "./engine.logic.js";

/** Settings of the checks: as they were at first, with another policy of the workspace, or with another one of the forge. */
export type Settings = "first" | "policy changed" | "forge changed";

/** A change that may land, and by what. */
export interface Permission {
  readonly change: string;
  readonly by: "people" | "scores";
}

/**
 * The harm that a happening does to good work: one that passes, a service that is out of order for long, a move of the base by another change;
 * or a fault, of the change itself or one that lasts. Only after a fault may a run miss its merge (I14).
 */
export type Harm = "passing" | "outage" | "contention" | "fault";

export interface Environment {
  readonly head: string;
  readonly base: string;
  /** Digest of what the head changes. Bringing the branch up to date with its base does not change it. */
  readonly change: string;
  readonly pullRequest: "none" | "open" | "closed" | "merged";
  /** Branch that the pull request merges into. The run's is `main`. */
  readonly into: "main" | "release";
  readonly mergedAs: string | null;
  readonly behind: boolean;
  readonly conflicted: boolean;
  /** Keys of the running jobs. */
  readonly jobs: readonly string[];
  /** Combination that the last probe of CI proved green. The invariants trust this, not the verdict in the run. */
  readonly proven: { readonly head: string; readonly base: string; readonly settings: Settings } | null;
  /** Place of the run in the landing queue. */
  readonly place: "none" | "in-line" | "first";
  /** The change that may land: assessed within the thresholds, or approved by the people it needs. The invariants trust this, not the run. */
  readonly allowed: Permission | null;
  /** The change that an agent was last paid to assess. */
  readonly assessed: string | null;
  readonly settings: Settings;
  /** The preset leaves every merge to people. */
  readonly peopleMerge: boolean;
  /** Whether the budget is exhausted: no metered call may start. */
  readonly spent: boolean;
  /** A late merge of an earlier run has landed the task. */
  readonly isLanded: boolean;
  /** Number of commits so far, from which new commit ids are made. */
  readonly commits: number;
  /** Whether the run has a wake-up, according to its commits. */
  readonly wake: boolean;
  readonly notifications: readonly string[];
  /** Keys of the effects requested so far, oldest first. */
  readonly keys: readonly string[];
}

/** One step of the driver with its result. `command` null: the process died before the commit. */
export interface Happening {
  readonly label: string;
  readonly environment: Environment;
  readonly command: Command | null;
  /** It waits for the environment, so that repeating it is no endless loop of the driver. */
  readonly isPatient?: true;
  /** Default: none. */
  readonly harm?: Harm;
}

export const DRIVER = { type: "system", id: "millrace" } as const;
export const PULL_REQUEST: PullRequestRef = { id: "pr", number: 1, url: "memory://pr/1", branch: "work", base: "main" };

export function newEnvironment(): Environment {
  return {
    head: sha(1),
    base: sha(2),
    change: sha(1),
    pullRequest: "none",
    into: "main",
    mergedAs: null,
    behind: false,
    conflicted: false,
    jobs: [],
    proven: null,
    place: "none",
    allowed: null,
    assessed: null,
    settings: "first",
    peopleMerge: false,
    spent: false,
    isLanded: false,
    commits: 2,
    wake: false,
    notifications: [],
    keys: [],
  };
}

function sha(number: number): string {
  return number.toString(16).padStart(40, "0");
}

/** The environment with a new commit as `as`. */
export function withCommit(environment: Environment, as: "head" | "base" | "mergedAs"): Environment {
  return { ...environment, commits: environment.commits + 1, [as]: sha(environment.commits + 1) };
}

/** The environment after a push to the branch: another head, and another change. */
export function withPush(environment: Environment): Environment {
  const pushed = withCommit(environment, "head");
  return { ...pushed, change: pushed.head };
}

export function returned(key: string, result: EffectResult, at = NOW): Command {
  return { command: "returned", at, actor: DRIVER, key, result };
}

export function failed(key: string, passing: boolean, code = passing ? "model_failed" : "forbidden"): Command {
  return { command: "failed", at: NOW, actor: DRIVER, key, code, message: "it did not answer", passing };
}

/** Failures of an effect that did not happen: a passing and a final one, and one of a service that is out of order for long. */
export function failures(environment: Environment, key: string, faults: FaultSet): Happening[] {
  return [
    ...(faults.failures ? passingOrFinal(environment, key) : []),
    ...(faults.hostFaults
      ? [{ label: "is out of order", environment, command: failed(key, true, OUT_OF_ORDER), harm: "outage" } as const]
      : []),
  ];
}

/** Code of an outage in the error table. */
const OUT_OF_ORDER = "unavailable";

function passingOrFinal(environment: Environment, key: string): Happening[] {
  return [
    { label: "fails, passing", environment, command: failed(key, true), harm: "passing" },
    { label: "fails, final", environment, command: failed(key, false), harm: "fault" },
  ];
}

/** An environment that a read may find, and what changed since the last one. */
export interface Moment {
  readonly label: string;
  readonly environment: Environment;
  readonly harm?: Harm;
}

/** The worse of two harms. */
export function worse(one: Harm | undefined, other: Harm | undefined): { readonly harm?: Harm } {
  const worst = (["fault", "contention", "outage", "passing"] as const).find((harm) => harm === one || harm === other);
  return worst === undefined ? {} : { harm: worst };
}

/** Environments that the next read may find, after changes by others since the last one. The first is unchanged. */
export function meanwhile(environment: Environment, faults: FaultSet): readonly Moment[] {
  const moments: Moment[] = [{ label: "", environment }];
  if (faults.lateMerges && !environment.isLanded)
    moments.push({ label: " after a late merge landed", environment: { ...environment, isLanded: true }, harm: "fault" });
  if (environment.pullRequest !== "open") return moments;
  const moved: Environment = { ...withCommit(environment, "base"), behind: true };
  if (faults.moves || faults.contention) moments.push({ label: " after the base moved", environment: moved, harm: "contention" });
  if (faults.moves)
    moments.push(
      { label: " after a foreign push", environment: withPush(environment), harm: "passing" },
      { label: " after a conflict came up", environment: { ...moved, conflicted: true }, harm: "fault" },
    );
  if (faults.outsiders)
    moments.push(
      { label: " after it was closed", environment: { ...environment, pullRequest: "closed" }, harm: "fault" },
      { label: " after it was merged outside", environment: mergedOutside(environment), harm: "fault" },
      ...(environment.into === "main" ? retargeted(environment) : []),
    );
  if (faults.settings) moments.push(...otherSettings(environment));
  return moments;
}

export function mergedOutside(environment: Environment): Environment {
  return { ...withCommit(environment, "mergedAs"), pullRequest: "merged" };
}

/** It points at another branch, and was merged there or not yet. */
function retargeted(environment: Environment): readonly Moment[] {
  const elsewhere: Environment = { ...environment, into: "release" };
  return [
    { label: " after it was retargeted", environment: elsewhere, harm: "fault" },
    { label: " after it was merged into another branch", environment: mergedOutside(elsewhere), harm: "fault" },
  ];
}

function otherSettings(environment: Environment): readonly Moment[] {
  const moments: Moment[] = [];
  if (environment.settings === "first")
    moments.push(
      {
        label: " after the checks of the workspace changed",
        environment: { ...environment, settings: "policy changed" },
        harm: "passing",
      },
      { label: " after the checks of the forge changed", environment: { ...environment, settings: "forge changed" }, harm: "passing" },
    );
  if (!environment.peopleMerge) {
    // What the scores allowed is not allowed any more.
    const allowed = environment.allowed?.by === "people" ? environment.allowed : null;
    moments.push({
      label: " after merges were left to people",
      environment: { ...environment, peopleMerge: true, allowed },
      harm: "passing",
    });
  }
  return moments;
}

/** The change of the run has landed where the run was to land it. */
export function hasLanded({ pullRequest, into }: Environment): boolean {
  return pullRequest === "merged" && into === "main";
}

export function check(name: string, status: Check["status"], conclusion: Check["conclusion"]): Check {
  return { name, status, conclusion, url: null, completedAt: null, summary: null };
}

/** Observation of a job, with a commit when the head differs from `headBefore`. */
export function observation(environment: Environment, headBefore: string): WorkObservation {
  const moved = environment.head !== headBefore;
  return {
    branch: "work",
    headBefore,
    headAfter: environment.head,
    commits: moved ? 1 : 0,
    treeChanged: moved,
    ...cleanWork(),
    remoteHead: environment.head,
    pullRequest: environment.pullRequest === "none" ? null : PULL_REQUEST,
    claims: { pullRequestUrl: null, commit: null },
  };
}
