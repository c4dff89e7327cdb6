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

export interface Environment {
  readonly head: string;
  readonly base: string;
  /** Digest of what the head changes. Bringing the branch up to date with its base does not change it. */
  readonly change: string;
  readonly pullRequest: "none" | "open" | "closed" | "merged";
  readonly mergedAs: string | null;
  readonly behind: boolean;
  readonly conflicted: boolean;
  /** Keys of the running jobs. */
  readonly jobs: readonly string[];
  /** Combination that the last probe of CI proved green. The invariants trust this, not the verdict in the run. */
  readonly proven: { readonly head: string; readonly base: string; readonly settings: number } | null;
  /** Place of the run in the landing queue. */
  readonly place: "none" | "in-line" | "first";
  /** The change that may land: assessed within the thresholds, or approved by the people it needs. The invariants trust this, not the run. */
  readonly allowed: string | null;
  readonly settings: number;
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
}

export const DRIVER = { type: "system", id: "millrace" } as const;
export const PULL_REQUEST: PullRequestRef = { id: "pr", number: 1, url: "memory://pr/1", branch: "work", base: "main" };

export function newEnvironment(): Environment {
  return {
    head: sha(1),
    base: sha(2),
    change: sha(1),
    pullRequest: "none",
    mergedAs: null,
    behind: false,
    conflicted: false,
    jobs: [],
    proven: null,
    place: "none",
    allowed: null,
    settings: 0,
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

export function failed(key: string, passing: boolean): Command {
  return {
    command: "failed",
    at: NOW,
    actor: DRIVER,
    key,
    code: passing ? "model_failed" : "forbidden",
    message: "it did not answer",
    passing,
  };
}

/** A passing and a final failure of an effect that did not happen. */
export function failures(environment: Environment, key: string, faults: FaultSet): Happening[] {
  if (!faults.failures) return [];
  return [
    { label: "fails, passing", environment, command: failed(key, true) },
    { label: "fails, final", environment, command: failed(key, false) },
  ];
}

/** Environments that the next read may find, after changes by others since the last one. The first is unchanged. */
export function meanwhile(environment: Environment, faults: FaultSet): readonly (readonly [label: string, environment: Environment])[] {
  const moments: [string, Environment][] = [["", environment]];
  if (faults.lateMerges && !environment.isLanded) moments.push([" after a late merge landed", { ...environment, isLanded: true }]);
  if (environment.pullRequest !== "open") return moments;
  if (faults.moves) {
    moments.push([" after a foreign push", withPush(environment)]);
    moments.push([" after the base moved", { ...withCommit(environment, "base"), behind: true }]);
    moments.push([" after a conflict came up", { ...withCommit(environment, "base"), behind: true, conflicted: true }]);
  }
  if (faults.outsiders) {
    moments.push([" after it was closed", { ...environment, pullRequest: "closed" }]);
    moments.push([" after it was merged outside", { ...withCommit(environment, "mergedAs"), pullRequest: "merged" }]);
    if (environment.settings === 0) moments.push([" after the settings changed", { ...environment, settings: 1 }]);
  }
  return moments;
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
